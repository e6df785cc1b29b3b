; What compiled programs call: growth of slices, counters of the heap, and the text of what is printed.
;
; Beside this file stand, one of each: the allocator (@A.zeroed, @A.raw, @A.aligned, @A.free), how the heap is asked
; (counted.ll or plain.ll: @heap.*), and where lines and traps go (in_process.ll or executable.ll: @rt.trap,
; @rt.print.begin, @rt.print.end). No compiler but LLVM is needed for it, and nothing but libc at run time.

; 0 frame to jump to after a trap, 1 its site, 2 calls, 3 bytes requested, 4 peak, 5 live, 6 derives, 7 fallbacks,
; 8 frees, 9 denied, 10 limit, 11 output, 12 its length, 13 its room, 14 where its last line starts, 15 site of the
; print. As `engine.State` has it.
%State = type { ptr, i64, i64, i64, i64, i64, i64, i64, i64, i64, i64, ptr, i64, i64, i64, i64 }
@rt.state = global %State zeroinitializer

declare ptr @realloc(ptr, i64) nounwind
declare i32 @snprintf(ptr, i64, ptr, ...) nounwind
declare double @strtod(ptr, ptr) nounwind
declare void @llvm.memcpy.p0.p0.i64(ptr, ptr, i64, i1)
declare void @llvm.memmove.p0.p0.i64(ptr, ptr, i64, i1)
declare void @llvm.memset.p0.i64(ptr, i8, i64, i1)
declare double @llvm.fabs.f64(double)

; ---- slices

; The cap that append gives a slice of %cap that must hold %needed elements, unsigned.
define internal i64 @rt.grown_cap(i64 %cap, i64 %needed) nounwind {
  %twice = shl i64 %cap, 1
  %far = icmp ugt i64 %needed, %twice
  br i1 %far, label %exact, label %near
exact:
  ret i64 %needed
near:
  %small = icmp ult i64 %cap, 256
  br i1 %small, label %double, label %step
double:
  ret i64 %twice
step:
  %c = phi i64 [ %cap, %near ], [ %c1, %more ]
  %enough = icmp uge i64 %c, %needed
  %past = icmp slt i64 %c, 0                        ; no slice has such a cap; going on might never end
  %ends = or i1 %enough, %past
  br i1 %ends, label %done, label %more
more:
  %sum = add i64 %c, 768
  %part = lshr i64 %sum, 2
  %c1 = add i64 %c, %part
  br label %step
done:
  ret i64 %c
}

; A new allocation that begins with the elements of a slice and has room for %needed; null where there is none.
define {ptr, i64} @rt.grow(ptr %base, i64 %length, i64 %cap, i64 %needed, i64 %size, i1 %scan) nounwind cold noinline {
  %new = call i64 @rt.grown_cap(i64 %cap, i64 %needed)
  %negative = icmp slt i64 %new, 0
  br i1 %negative, label %none, label %small
small:
  %safe = call i64 @llvm.umax.i64(i64 %size, i64 1)
  %most = udiv i64 140737488355328, %safe          ; 2^47
  %over = icmp ugt i64 %new, %most
  %sized = icmp ne i64 %size, 0
  %large = and i1 %over, %sized
  br i1 %large, label %none, label %ask
ask:
  %bytes = mul i64 %new, %size
  %held = mul i64 %length, %size
  %moved = call ptr @heap.raw(i64 %bytes, i1 %scan)
  %missing = icmp eq ptr %moved, null
  br i1 %missing, label %none, label %fill
fill:
  call void @llvm.memcpy.p0.p0.i64(ptr %moved, ptr %base, i64 %held, i1 false)
  %tail = getelementptr i8, ptr %moved, i64 %held
  %rest = sub i64 %bytes, %held
  call void @llvm.memset.p0.i64(ptr %tail, i8 0, i64 %rest, i1 false)
  %r0 = insertvalue {ptr, i64} poison, ptr %moved, 0
  %r1 = insertvalue {ptr, i64} %r0, i64 %new, 1
  ret {ptr, i64} %r1
none:
  ret {ptr, i64} { ptr null, i64 0 }
}
declare i64 @llvm.umax.i64(i64, i64)

; ---- stack arenas that are not in the frame: a list of blocks, each after 64 bytes (or its alignment, if that is
; more) that hold the next block, the one before, its size, its start.

define ptr @rt.frame.allocate(ptr %list, i64 %size, i64 %align, i1 %scan, i1 %zeroed) nounwind {
  %entered = call i1 @rt.frame.enter(i64 %size)
  br i1 %entered, label %ask, label %none
ask:
  %head = call i64 @llvm.umax.i64(i64 %align, i64 64)
  %whole = add i64 %size, %head
  %start = call ptr @A.aligned(i64 %whole, i64 %head, i1 true)
  %missing = icmp eq ptr %start, null
  br i1 %missing, label %none, label %link
link:
  %block = getelementptr i8, ptr %start, i64 %head
  %next.at = getelementptr i8, ptr %block, i64 -32
  %before.at = getelementptr i8, ptr %block, i64 -24
  %size.at = getelementptr i8, ptr %block, i64 -16
  %start.at = getelementptr i8, ptr %block, i64 -8
  %first = load ptr, ptr %list
  store ptr %first, ptr %next.at
  store ptr null, ptr %before.at
  store i64 %size, ptr %size.at
  store ptr %start, ptr %start.at
  store ptr %block, ptr %list
  %lonely = icmp eq ptr %first, null
  br i1 %lonely, label %clear, label %back
back:
  %first.before = getelementptr i8, ptr %first, i64 -24
  store ptr %block, ptr %first.before
  br label %clear
clear:
  br i1 %zeroed, label %zero, label %done
zero:
  call void @llvm.memset.p0.i64(ptr %block, i8 0, i64 %size, i1 false)
  br label %done
done:
  ret ptr %block
none:
  ret ptr null
}

define void @rt.frame.free(ptr %list, ptr %block) nounwind {
  %next.at = getelementptr i8, ptr %block, i64 -32
  %before.at = getelementptr i8, ptr %block, i64 -24
  %size.at = getelementptr i8, ptr %block, i64 -16
  %start.at = getelementptr i8, ptr %block, i64 -8
  %next = load ptr, ptr %next.at
  %before = load ptr, ptr %before.at
  %is.first = icmp eq ptr %before, null
  %before.next = getelementptr i8, ptr %before, i64 -32
  %from = select i1 %is.first, ptr %list, ptr %before.next
  store ptr %next, ptr %from
  %is.last = icmp eq ptr %next, null
  br i1 %is.last, label %give, label %back
back:
  %next.before = getelementptr i8, ptr %next, i64 -24
  store ptr %before, ptr %next.before
  br label %give
give:
  %size = load i64, ptr %size.at
  %start = load ptr, ptr %start.at
  call void @rt.frame.leave(i64 %size)
  call void @A.free(ptr %start, i64 %size)
  ret void
}

define void @rt.frame.end(ptr %list) nounwind {
  br label %loop
loop:
  %block = load ptr, ptr %list
  %none = icmp eq ptr %block, null
  br i1 %none, label %done, label %free
free:
  call void @rt.frame.free(ptr %list, ptr %block)
  br label %loop
done:
  ret void
}

; ---- output

; Where %n bytes more may be written.
define internal ptr @rt.out.room(i64 %n) nounwind {
  %out = load ptr, ptr getelementptr (%State, ptr @rt.state, i32 0, i32 11)
  %length = load i64, ptr getelementptr (%State, ptr @rt.state, i32 0, i32 12)
  %room = load i64, ptr getelementptr (%State, ptr @rt.state, i32 0, i32 13)
  %end = add i64 %length, %n
  %fits = icmp ule i64 %end, %room
  br i1 %fits, label %ready, label %grow
grow:
  %twice = shl i64 %end, 1
  %more = add i64 %twice, 65536
  %new = call ptr @realloc(ptr %out, i64 %more)
  %missing = icmp eq ptr %new, null
  br i1 %missing, label %full, label %moved
full:
  %site = load i64, ptr getelementptr (%State, ptr @rt.state, i32 0, i32 15)
  %number = trunc i64 %site to i32
  call void @rt.trap(i32 %number)
  unreachable
moved:
  store ptr %new, ptr getelementptr (%State, ptr @rt.state, i32 0, i32 11)
  store i64 %more, ptr getelementptr (%State, ptr @rt.state, i32 0, i32 13)
  br label %ready
ready:
  %base = phi ptr [ %out, %0 ], [ %new, %moved ]
  %at = getelementptr i8, ptr %base, i64 %length
  ret ptr %at
}

define internal void @rt.out.wrote(i64 %n) nounwind {
  %length = load i64, ptr getelementptr (%State, ptr @rt.state, i32 0, i32 12)
  %end = add i64 %length, %n
  store i64 %end, ptr getelementptr (%State, ptr @rt.state, i32 0, i32 12)
  ret void
}

define void @rt.print.bytes(ptr %text, i64 %n) nounwind {
  %at = call ptr @rt.out.room(i64 %n)
  call void @llvm.memcpy.p0.p0.i64(ptr %at, ptr %text, i64 %n, i1 false)
  call void @rt.out.wrote(i64 %n)
  ret void
}

@rt.words = private constant [15 x i8] c"falsetruenaninf"

define void @rt.print.bool(i1 %x) nounwind {
  %from = select i1 %x, ptr getelementptr (i8, ptr @rt.words, i64 5), ptr @rt.words
  %n = select i1 %x, i64 4, i64 5
  call void @rt.print.bytes(ptr %from, i64 %n)
  ret void
}

define void @rt.print.i64(i64 %x) nounwind {
  %negative = icmp slt i64 %x, 0
  br i1 %negative, label %minus, label %plain
minus:
  call void @rt.print.minus()
  %y = sub i64 0, %x
  call void @rt.print.u64(i64 %y)
  ret void
plain:
  call void @rt.print.u64(i64 %x)
  ret void
}

define internal void @rt.print.minus() nounwind {
  %at = call ptr @rt.out.room(i64 1)
  store i8 45, ptr %at
  call void @rt.out.wrote(i64 1)
  ret void
}

define void @rt.print.u64(i64 %x) nounwind {
  %digits = alloca [20 x i8]
  %end = getelementptr i8, ptr %digits, i64 20
  %n = call i64 @rt.digits(i64 %x, ptr %end)
  %back = sub i64 0, %n
  %from = getelementptr i8, ptr %end, i64 %back
  call void @rt.print.bytes(ptr %from, i64 %n)
  ret void
}

; Writes the decimal digits of %x so that they end at %end; gives how many.
define internal i64 @rt.digits(i64 %x, ptr %end) nounwind {
  br label %loop
loop:
  %left = phi i64 [ %x, %0 ], [ %q, %loop ]
  %n = phi i64 [ 0, %0 ], [ %n1, %loop ]
  %q = udiv i64 %left, 10
  %r = urem i64 %left, 10
  %c = trunc i64 %r to i8
  %d = add i8 %c, 48
  %n1 = add i64 %n, 1
  %back = sub i64 0, %n1
  %at = getelementptr i8, ptr %end, i64 %back
  store i8 %d, ptr %at
  %more = icmp ne i64 %q, 0
  br i1 %more, label %loop, label %done
done:
  ret i64 %n1
}

; ---- floats: the shortest digits that read back
;
; A decimal of as few digits as every float of the type keeps (15, for single precision 6) is tried first: where it
; reads back, it is the shortest, with its zeros off. Below the normal range fewer digits are kept, so that all counts
; are tried. `digits` gives { d, e, ok }: the value is d * 10^e.

@rt.format.e = private constant [5 x i8] c"%.*e\00"
@rt.format.d = private constant [10 x i8] c"%llue%lld\00"

define internal i1 @rt.reads_back(i64 %d, i64 %e, double %x, i1 %single) nounwind {
  %text = alloca [64 x i8]
  call i32 (ptr, i64, ptr, ...) @snprintf(ptr %text, i64 64, ptr @rt.format.d, i64 %d, i64 %e)
  %y = call double @strtod(ptr %text, ptr null)
  br i1 %single, label %one, label %two
one:
  %small = fptrunc double %y to float
  %back = fpext float %small to double
  %same.one = fcmp oeq double %back, %x
  ret i1 %same.one
two:
  %same.two = fcmp oeq double %y, %x
  ret i1 %same.two
}

; The digits of %x, finite and positive, to %count places, rounded to nearest.
define internal {i64, i64} @rt.rounded(double %x, i64 %count) nounwind {
  %text = alloca [64 x i8]
  %last = sub i64 %count, 1
  %places = trunc i64 %last to i32
  call i32 (ptr, i64, ptr, ...) @snprintf(ptr %text, i64 64, ptr @rt.format.e, i32 %places, double %x)
  br label %loop
loop:                                              ; digits, with a point in whatever form among them, up to the e
  %i = phi i64 [ 0, %0 ], [ %i1, %on ]
  %d = phi i64 [ 0, %0 ], [ %d1, %on ]
  %at = getelementptr i8, ptr %text, i64 %i
  %c = load i8, ptr %at
  %i1 = add i64 %i, 1
  %ends = icmp eq i8 %c, 101
  br i1 %ends, label %exponent, label %digit
digit:
  %v = sub i8 %c, 48
  %is = icmp ult i8 %v, 10
  br i1 %is, label %take, label %on
take:
  %w = zext i8 %v to i64
  %ten = mul i64 %d, 10
  %sum = add i64 %ten, %w
  br label %on
on:
  %d1 = phi i64 [ %d, %digit ], [ %sum, %take ]
  br label %loop
exponent:
  %sign.at = getelementptr i8, ptr %text, i64 %i1
  %sign = load i8, ptr %sign.at
  br label %eloop
eloop:
  %j = phi i64 [ %i1, %exponent ], [ %j1, %edigit ]
  %e = phi i64 [ 0, %exponent ], [ %e1, %edigit ]
  %j1 = add i64 %j, 1
  %eat = getelementptr i8, ptr %text, i64 %j1
  %ec = load i8, ptr %eat
  %eends = icmp eq i8 %ec, 0
  br i1 %eends, label %done, label %edigit
edigit:
  %ev = sub i8 %ec, 48
  %ew = zext i8 %ev to i64
  %eten = mul i64 %e, 10
  %e1 = add i64 %eten, %ew
  br label %eloop
done:
  %is.minus = icmp eq i8 %sign, 45
  %en = sub i64 0, %e
  %es = select i1 %is.minus, i64 %en, i64 %e
  %scale = sub i64 %es, %last
  %r0 = insertvalue {i64, i64} poison, i64 %d, 0
  %r1 = insertvalue {i64, i64} %r0, i64 %scale, 1
  ret {i64, i64} %r1
}

define internal {i64, i64} @rt.shortest(double %x, i1 %single) nounwind {
  %least = select i1 %single, double 0x3810000000000000, double 0x0010000000000000   ; of the normal range
  %is.normal = fcmp oge double %x, %least
  %kept = select i1 %single, i64 6, i64 15
  %first = select i1 %is.normal, i64 %kept, i64 1
  %most = select i1 %single, i64 9, i64 17
  %bits = bitcast double %x to i64
  %mantissa = and i64 %bits, 4503599627370495
  %is.power = icmp eq i64 %mantissa, 0
  %double = xor i1 %single, true
  %uneven = and i1 %is.power, %double
  br label %loop
loop:
  %count = phi i64 [ %first, %0 ], [ %count1, %on ]
  %found = call {i64, i64} @rt.rounded(double %x, i64 %count)
  %d = extractvalue {i64, i64} %found, 0
  %e = extractvalue {i64, i64} %found, 1
  %ok = call i1 @rt.reads_back(i64 %d, i64 %e, double %x, i1 %single)
  br i1 %ok, label %done, label %missed
missed:
  ; The gap below a power of two is half of that above: a decimal above may read back that is not the nearest.
  br i1 %uneven, label %above, label %on
above:
  %d1 = add i64 %d, 1
  %ok.above = call i1 @rt.reads_back(i64 %d1, i64 %e, double %x, i1 %single)
  br i1 %ok.above, label %done, label %on
on:
  %count1 = add i64 %count, 1
  %last = icmp uge i64 %count, %most
  br i1 %last, label %done, label %loop
done:
  %digits = phi i64 [ %d, %loop ], [ %d1, %above ], [ %d, %on ]
  br label %strip
strip:
  %s = phi i64 [ %digits, %done ], [ %q, %zero ]
  %t = phi i64 [ %e, %done ], [ %t1, %zero ]
  %q = udiv i64 %s, 10
  %r = urem i64 %s, 10
  %is.zero = icmp eq i64 %r, 0
  br i1 %is.zero, label %zero, label %stripped
zero:
  %t1 = add i64 %t, 1
  br label %strip
stripped:
  %r0 = insertvalue {i64, i64} poison, i64 %s, 0
  %r1 = insertvalue {i64, i64} %r0, i64 %t, 1
  ret {i64, i64} %r1
}

define void @rt.print.f32(float %x) nounwind {
  %wide = fpext float %x to double
  call void @rt.print.float(double %wide, i1 true)
  ret void
}

define void @rt.print.f64(double %x) nounwind {
  call void @rt.print.float(double %x, i1 false)
  ret void
}

define internal void @rt.print.float(double %x, i1 %single) nounwind {
  %is.nan = fcmp uno double %x, 0.0
  br i1 %is.nan, label %nan, label %number
nan:
  call void @rt.print.bytes(ptr getelementptr (i8, ptr @rt.words, i64 9), i64 3)
  ret void
number:
  %bits = bitcast double %x to i64
  %negative = icmp slt i64 %bits, 0
  br i1 %negative, label %minus, label %positive
minus:
  call void @rt.print.minus()
  br label %positive
positive:
  %y = call double @llvm.fabs.f64(double %x)
  %is.inf = fcmp oeq double %y, 0x7FF0000000000000
  br i1 %is.inf, label %inf, label %finite
inf:
  call void @rt.print.bytes(ptr getelementptr (i8, ptr @rt.words, i64 12), i64 3)
  ret void
finite:
  %is.zero = fcmp oeq double %y, 0.0
  br i1 %is.zero, label %format, label %search
search:
  %shortest = call {i64, i64} @rt.shortest(double %y, i1 %single)
  br label %format
format:
  %found = phi {i64, i64} [ zeroinitializer, %finite ], [ %shortest, %search ]
  %d = extractvalue {i64, i64} %found, 0
  %scale = extractvalue {i64, i64} %found, 1
  %digits = alloca [20 x i8]
  %end = getelementptr i8, ptr %digits, i64 20
  %n = call i64 @rt.digits(i64 %d, ptr %end)
  %back = sub i64 0, %n
  %from = getelementptr i8, ptr %end, i64 %back
  %after = sub i64 %n, 1
  %e = add i64 %scale, %after                      ; the exponent of the first digit
  %too.small = icmp slt i64 %e, -4
  %too.large = icmp sge i64 %e, 16
  %scientific = or i1 %too.small, %too.large
  br i1 %scientific, label %power, label %fixed
power:                                             ; d.ddde+xx
  call void @rt.print.bytes(ptr %from, i64 1)
  %several = icmp ugt i64 %n, 1
  br i1 %several, label %fraction, label %exponent
fraction:
  call void @rt.print.char(i8 46)
  %second = getelementptr i8, ptr %from, i64 1
  call void @rt.print.bytes(ptr %second, i64 %after)
  br label %exponent
exponent:
  call void @rt.print.char(i8 101)
  %e.negative = icmp slt i64 %e, 0
  %e.sign = select i1 %e.negative, i8 45, i8 43
  call void @rt.print.char(i8 %e.sign)
  %e.minus = sub i64 0, %e
  %e.size = select i1 %e.negative, i64 %e.minus, i64 %e
  %one.digit = icmp ult i64 %e.size, 10
  br i1 %one.digit, label %pad, label %size
pad:
  call void @rt.print.char(i8 48)
  br label %size
size:
  call void @rt.print.u64(i64 %e.size)
  ret void
fixed:
  %below.one = icmp slt i64 %e, 0
  br i1 %below.one, label %small, label %whole
small:                                             ; 0.000ddd
  call void @rt.print.char(i8 48)
  call void @rt.print.char(i8 46)
  %zeros = xor i64 %e, -1
  call void @rt.print.zeros(i64 %zeros)
  call void @rt.print.bytes(ptr %from, i64 %n)
  ret void
whole:
  %inside = icmp slt i64 %e, %after
  br i1 %inside, label %mixed, label %long
mixed:                                             ; dd.ddd
  %before = add i64 %e, 1
  call void @rt.print.bytes(ptr %from, i64 %before)
  call void @rt.print.char(i8 46)
  %rest = getelementptr i8, ptr %from, i64 %before
  %rest.n = sub i64 %n, %before
  call void @rt.print.bytes(ptr %rest, i64 %rest.n)
  ret void
long:                                              ; ddd000.0
  call void @rt.print.bytes(ptr %from, i64 %n)
  call void @rt.print.zeros(i64 %scale)
  call void @rt.print.char(i8 46)
  call void @rt.print.char(i8 48)
  ret void
}

define internal void @rt.print.char(i8 %c) nounwind {
  %at = call ptr @rt.out.room(i64 1)
  store i8 %c, ptr %at
  call void @rt.out.wrote(i64 1)
  ret void
}

define internal void @rt.print.zeros(i64 %n) nounwind {
  %at = call ptr @rt.out.room(i64 %n)
  call void @llvm.memset.p0.i64(ptr %at, i8 48, i64 %n, i1 false)
  call void @rt.out.wrote(i64 %n)
  ret void
}

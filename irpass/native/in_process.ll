; Within a host: lines go to a buffer that the host reads, a trap jumps back to where the host called.
;
; A line in the buffer is its length, 8 bytes, and its bytes. %flush is the host's, for when the buffer is full.

@rt.stack.end = global ptr null                    ; the lowest address that a frame may have
@rt.flush = global ptr null
@rt.host = global ptr null

declare i32 @_setjmp(ptr) nounwind returns_twice
declare void @longjmp(ptr, i32) noreturn nounwind

define void @rt.trap(i32 %site) noreturn nounwind cold noinline {
  %wide = sext i32 %site to i64
  store i64 %wide, ptr getelementptr (%State, ptr @rt.state, i32 0, i32 1)
  %frame = load ptr, ptr @rt.state
  call void @longjmp(ptr %frame, i32 1)
  unreachable
}

; Calls %entry with the host's rows of arguments and result, on a stack that has %stack bytes left: 0 where it returned, 1 where it trapped.
define i32 @rt.run(ptr %entry, ptr %arguments, ptr %result, i64 %stack) nounwind noinline {
  %here = call ptr @llvm.frameaddress.p0(i32 0)
  %down = sub i64 0, %stack
  %end = getelementptr i8, ptr %here, i64 %down
  store ptr %end, ptr @rt.stack.end
  %frame = alloca [512 x i8], align 16               ; a jmp_buf is 200 bytes on x86-64 and 312 on AArch64
  store ptr %frame, ptr @rt.state
  %again = call i32 @_setjmp(ptr %frame) returns_twice
  %trapped = icmp ne i32 %again, 0
  br i1 %trapped, label %trap, label %go
go:
  call void @A.begin()
  call void %entry(ptr %arguments, ptr %result)
  call void @A.end()
  ret i32 0
trap:
  call void @A.end()
  ret i32 1
}

; Calls the host's function of that number: 0 where it returned.
define i32 @rt.host.call(i32 %number, ptr %arguments, ptr %result) nounwind {
  %host = load ptr, ptr @rt.host
  %status = call i32 %host(i32 %number, ptr %arguments, ptr %result)
  ret i32 %status
}

define void @rt.print.begin(i32 %site) nounwind {
  %wide = zext i32 %site to i64
  store i64 %wide, ptr getelementptr (%State, ptr @rt.state, i32 0, i32 15)
  %length = load i64, ptr getelementptr (%State, ptr @rt.state, i32 0, i32 12)
  store i64 %length, ptr getelementptr (%State, ptr @rt.state, i32 0, i32 14)
  %at = call ptr @rt.out.room(i64 8)
  call void @rt.out.wrote(i64 8)
  ret void
}

define void @rt.print.end() nounwind {
  %start = load i64, ptr getelementptr (%State, ptr @rt.state, i32 0, i32 14)
  %length = load i64, ptr getelementptr (%State, ptr @rt.state, i32 0, i32 12)
  %out = load ptr, ptr getelementptr (%State, ptr @rt.state, i32 0, i32 11)
  %at = getelementptr i8, ptr %out, i64 %start
  %whole = sub i64 %length, %start
  %n = sub i64 %whole, 8
  store i64 %n, ptr %at, align 1
  store i64 %length, ptr getelementptr (%State, ptr @rt.state, i32 0, i32 14)
  %full = icmp ugt i64 %length, 65536
  br i1 %full, label %flush, label %done
flush:
  %host = load ptr, ptr @rt.flush
  call void %host()
  br label %done
done:
  ret void
}

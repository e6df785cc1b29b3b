; What the pool does most of the time, as `irpool_words_alloc` and `irpool_words_free` of the generated header say it, to
; be put in the place of the calls. pool.c asserts the numbers:
; - a cache has 64 bytes: at 0 `hot`, 8 `supply_count`, 12 `return_count`, 16 `supply`, 24 `returns`, 32 `limit`,
;   34 `is_alloc_last`, 36 `turns`; `hot` 1 is no block, 2 says that the stacks are in use
; - a chunk is aligned to 2^20 bytes: at 56 `state`, a byte for each 16
; - class 0 has blocks of 16 bytes, class 11 of 32 KiB

@irpool_self_ = external thread_local(initialexec) global i8
@irpool_near_ = external global [16384 x i64]

declare noalias ptr @irpass_pool_take_any(i64) cold nounwind
declare void @irpass_pool_give_any(ptr, i64) cold nounwind
declare i64 @llvm.ctlz.i64(i64, i1)

; The class of %last + 1 bytes.
define internal i64 @pool.class(i64 %last) nounwind alwaysinline {
  %words = lshr i64 %last, 3
  %some = or i64 %words, 1
  %zeros = call i64 @llvm.ctlz.i64(i64 %some, i1 true)
  %class = sub i64 63, %zeros
  ret i64 %class
}

; The byte that says whether the block that starts at %block is in use.
define internal ptr @pool.state(ptr %block) nounwind alwaysinline {
  %at = ptrtoint ptr %block to i64
  %within = and i64 %at, 1048575
  %back = sub i64 0, %within
  %chunk = getelementptr i8, ptr %block, i64 %back
  %place = lshr i64 %within, 4
  %states = getelementptr i8, ptr %chunk, i64 56
  %state = getelementptr i8, ptr %states, i64 %place
  ret ptr %state
}

define noalias ptr @irpass_pool_take(i64 %bytes) nounwind alwaysinline {
  %last = sub i64 %bytes, 1
  %fits = icmp ult i64 %last, 32768                ; not 0 bytes either
  br i1 %fits, label %small, label %any
small:
  %class = call i64 @pool.class(i64 %last)
  %cache = getelementptr [64 x i8], ptr @irpool_self_, i64 %class
  %hot = load i64, ptr %cache
  %turn = icmp ugt i64 %hot, 2
  br i1 %turn, label %first, label %stack
first:
  store i64 1, ptr %cache
  %block.first = inttoptr i64 %hot to ptr
  br label %taken
stack:
  %count.at = getelementptr i8, ptr %cache, i64 8
  %count = load i32, ptr %count.at
  %empty = icmp eq i32 %count, 0
  br i1 %empty, label %any, label %pop
pop:
  %supply.at = getelementptr i8, ptr %cache, i64 16
  %supply = load ptr, ptr %supply.at
  %fewer = sub i32 %count, 1
  %top = zext i32 %fewer to i64
  %block.at = getelementptr ptr, ptr %supply, i64 %top
  %block.pop = load ptr, ptr %block.at
  store i32 %fewer, ptr %count.at
  %last.at = getelementptr i8, ptr %cache, i64 34
  store i16 1, ptr %last.at
  br label %taken
taken:
  %block = phi ptr [ %block.first, %first ], [ %block.pop, %pop ]
  %state = call ptr @pool.state(ptr %block)
  store i8 1, ptr %state
  ret ptr %block
any:
  %block.any = call noalias ptr @irpass_pool_take_any(i64 %bytes)
  ret ptr %block.any
}

define void @irpass_pool_give(ptr %block, i64 %bytes) nounwind alwaysinline {
  %last = sub i64 %bytes, 1
  %fits = icmp ult i64 %last, 32768
  br i1 %fits, label %small, label %any
small:
  %class = call i64 @pool.class(i64 %last)
  %at = ptrtoint ptr %block to i64
  %start = and i64 %at, -1048561                   ; the chunk, and bits that no start of a block has
  %tags = add i64 %class, 1
  %tag = shl i64 %tags, 6
  %expected = or i64 %start, %tag
  %mib = lshr i64 %at, 20
  %near = and i64 %mib, 16383
  %near.at = getelementptr [16384 x i64], ptr @irpool_near_, i64 0, i64 %near
  %known = load atomic i64, ptr %near.at acquire, align 8
  %ours = icmp eq i64 %known, %expected
  br i1 %ours, label %cached, label %any
cached:
  %cache = getelementptr [64 x i8], ptr @irpool_self_, i64 %class
  %hot = load i64, ptr %cache
  %mode = sub i64 %hot, 1
  %open = icmp ult i64 %mode, 2                    ; room for one in turn, or the stacks
  br i1 %open, label %ask, label %any
ask:
  %state = call ptr @pool.state(ptr %block)
  %used = load i8, ptr %state
  %live = icmp ne i8 %used, 0
  br i1 %live, label %keep, label %any
keep:
  %turn = icmp eq i64 %hot, 1
  br i1 %turn, label %first, label %stack
first:
  store i8 0, ptr %state
  store i64 %at, ptr %cache
  ret void
stack:
  %count.at = getelementptr i8, ptr %cache, i64 12
  %count = load i32, ptr %count.at
  %limit.at = getelementptr i8, ptr %cache, i64 32
  %limit16 = load i16, ptr %limit.at
  %limit = zext i16 %limit16 to i32
  %full = icmp eq i32 %count, %limit
  %last.at = getelementptr i8, ptr %cache, i64 34
  %alloc.last = load i16, ptr %last.at
  %by.turns = icmp ne i16 %alloc.last, 0
  %turns.at = getelementptr i8, ptr %cache, i64 36
  %turns = load i32, ptr %turns.at
  %more = add i32 %turns, 1
  %turns1 = select i1 %by.turns, i32 %more, i32 0
  %often = icmp eq i32 %turns1, 64
  %rarely = or i1 %full, %often
  br i1 %rarely, label %any, label %push
push:
  store i8 0, ptr %state
  store i32 %turns1, ptr %turns.at
  store i16 0, ptr %last.at
  %returns.at = getelementptr i8, ptr %cache, i64 24
  %returns = load ptr, ptr %returns.at
  %top = zext i32 %count to i64
  %slot = getelementptr ptr, ptr %returns, i64 %top
  store ptr %block, ptr %slot
  %count1 = add i32 %count, 1
  store i32 %count1, ptr %count.at
  ret void
any:
  call void @irpass_pool_give_any(ptr %block, i64 %bytes)
  ret void
}

; The heap with its counters, and a limit on what is live. Each block is behind 16 bytes that hold its size and where
; the allocator's own block starts.

; Counts a request; false where it would pass the limit.
define i1 @rt.frame.enter(i64 %size) nounwind {
  %calls = load i64, ptr getelementptr (%State, ptr @rt.state, i32 0, i32 2)
  %calls1 = add i64 %calls, 1
  store i64 %calls1, ptr getelementptr (%State, ptr @rt.state, i32 0, i32 2)
  %asked = load i64, ptr getelementptr (%State, ptr @rt.state, i32 0, i32 3)
  %asked1 = add i64 %asked, %size
  store i64 %asked1, ptr getelementptr (%State, ptr @rt.state, i32 0, i32 3)
  %live = load i64, ptr getelementptr (%State, ptr @rt.state, i32 0, i32 5)
  %live1 = add i64 %live, %size
  %limit = load i64, ptr getelementptr (%State, ptr @rt.state, i32 0, i32 10)
  %over = icmp sgt i64 %live1, %limit
  br i1 %over, label %deny, label %grant
deny:
  store i64 %live1, ptr getelementptr (%State, ptr @rt.state, i32 0, i32 9)
  ret i1 false
grant:
  store i64 %live1, ptr getelementptr (%State, ptr @rt.state, i32 0, i32 5)
  %peak = load i64, ptr getelementptr (%State, ptr @rt.state, i32 0, i32 4)
  %higher = icmp sgt i64 %live1, %peak
  %peak1 = select i1 %higher, i64 %live1, i64 %peak
  store i64 %peak1, ptr getelementptr (%State, ptr @rt.state, i32 0, i32 4)
  ret i1 true
}

; Counts what came back; nothing for -1.
define void @rt.frame.leave(i64 %size) nounwind {
  %none = icmp slt i64 %size, 0
  br i1 %none, label %done, label %count
count:
  %frees = load i64, ptr getelementptr (%State, ptr @rt.state, i32 0, i32 8)
  %frees1 = add i64 %frees, 1
  store i64 %frees1, ptr getelementptr (%State, ptr @rt.state, i32 0, i32 8)
  %live = load i64, ptr getelementptr (%State, ptr @rt.state, i32 0, i32 5)
  %live1 = sub i64 %live, %size
  store i64 %live1, ptr getelementptr (%State, ptr @rt.state, i32 0, i32 5)
  br label %done
done:
  ret void
}

define void @rt.count.derives() nounwind {
  %n = load i64, ptr getelementptr (%State, ptr @rt.state, i32 0, i32 6)
  %n1 = add i64 %n, 1
  store i64 %n1, ptr getelementptr (%State, ptr @rt.state, i32 0, i32 6)
  ret void
}

define void @rt.count.fallbacks() nounwind {
  %n = load i64, ptr getelementptr (%State, ptr @rt.state, i32 0, i32 7)
  %n1 = add i64 %n, 1
  store i64 %n1, ptr getelementptr (%State, ptr @rt.state, i32 0, i32 7)
  ret void
}

define internal ptr @heap.block(ptr %start, i64 %head, i64 %size) nounwind {
  %missing = icmp eq ptr %start, null
  br i1 %missing, label %none, label %note
note:
  %block = getelementptr i8, ptr %start, i64 %head
  %size.at = getelementptr i8, ptr %block, i64 -16
  %start.at = getelementptr i8, ptr %block, i64 -8
  store i64 %size, ptr %size.at
  store ptr %start, ptr %start.at
  ret ptr %block
none:
  ret ptr null
}

define ptr @heap.zeroed(i64 %size, i1 %scan) nounwind {
  %granted = call i1 @rt.frame.enter(i64 %size)
  br i1 %granted, label %ask, label %none
ask:
  %whole = add i64 %size, 16
  %start = call ptr @A.zeroed(i64 %whole, i1 %scan)
  %block = call ptr @heap.block(ptr %start, i64 16, i64 %size)
  ret ptr %block
none:
  ret ptr null
}

define ptr @heap.raw(i64 %size, i1 %scan) nounwind {
  %granted = call i1 @rt.frame.enter(i64 %size)
  br i1 %granted, label %ask, label %none
ask:
  %whole = add i64 %size, 16
  %start = call ptr @A.raw(i64 %whole, i1 %scan)
  %block = call ptr @heap.block(ptr %start, i64 16, i64 %size)
  ret ptr %block
none:
  ret ptr null
}

define ptr @heap.aligned(i64 %size, i64 %align, i1 %scan, i1 %zeroed) nounwind {
  %granted = call i1 @rt.frame.enter(i64 %size)
  br i1 %granted, label %ask, label %none
ask:
  %whole = add i64 %size, %align
  %start = call ptr @A.aligned(i64 %whole, i64 %align, i1 %scan)
  %block = call ptr @heap.block(ptr %start, i64 %align, i64 %size)
  %missing = icmp eq ptr %block, null
  %skip = xor i1 %zeroed, true
  %leave = or i1 %missing, %skip
  br i1 %leave, label %done, label %zero
zero:
  call void @llvm.memset.p0.i64(ptr %block, i8 0, i64 %size, i1 false)
  br label %done
done:
  ret ptr %block
none:
  ret ptr null
}

define void @heap.free(ptr %block, i64 %bytes) nounwind {
  %nil = icmp eq ptr %block, null
  br i1 %nil, label %done, label %free
free:
  %size.at = getelementptr i8, ptr %block, i64 -16
  %start.at = getelementptr i8, ptr %block, i64 -8
  %size = load i64, ptr %size.at
  %start = load ptr, ptr %start.at
  call void @rt.frame.leave(i64 %size)
  %whole = add i64 %size, 16
  call void @A.free(ptr %start, i64 %whole)
  br label %done
done:
  ret void
}

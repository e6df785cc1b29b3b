; The heap without counters: the allocator itself.

define i1 @rt.frame.enter(i64 %size) nounwind alwaysinline {
  ret i1 true
}

define void @rt.frame.leave(i64 %size) nounwind alwaysinline {
  ret void
}

define noalias ptr @heap.zeroed(i64 %size, i1 %scan) nounwind alwaysinline {
  %block = call ptr @A.zeroed(i64 %size, i1 %scan)
  ret ptr %block
}

define noalias ptr @heap.raw(i64 %size, i1 %scan) nounwind alwaysinline {
  %block = call ptr @A.raw(i64 %size, i1 %scan)
  ret ptr %block
}

define noalias ptr @heap.aligned(i64 %size, i64 %align, i1 %scan, i1 %zeroed) nounwind {
  %block = call ptr @A.aligned(i64 %size, i64 %align, i1 %scan)
  %missing = icmp eq ptr %block, null
  %skip = xor i1 %zeroed, true
  %leave = or i1 %missing, %skip
  br i1 %leave, label %done, label %zero
zero:
  call void @llvm.memset.p0.i64(ptr %block, i8 0, i64 %size, i1 false)
  br label %done
done:
  ret ptr %block
}

define void @heap.free(ptr %block, i64 %bytes) nounwind alwaysinline {
  call void @A.free(ptr %block, i64 %bytes)
  ret void
}

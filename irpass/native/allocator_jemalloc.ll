; The functions that only jemalloc has, so that libc's stay what they are in a process that has both. They take no
; size of 0 and no null. Flags: 64 zeroes, the low bits are the logarithm of the alignment.

declare noalias ptr @mallocx(i64, i32) nounwind allocsize(0) "alloc-family"="jemalloc"
declare void @dallocx(ptr allocptr, i32) nounwind allockind("free") "alloc-family"="jemalloc"

define noalias ptr @A.zeroed(i64 %n, i1 %scan) nounwind alwaysinline {
  %some = call i64 @llvm.umax.i64(i64 %n, i64 1)
  %p = call noalias ptr @mallocx(i64 %some, i32 64)
  ret ptr %p
}
define noalias ptr @A.raw(i64 %n, i1 %scan) nounwind alwaysinline {
  %some = call i64 @llvm.umax.i64(i64 %n, i64 1)
  %p = call noalias ptr @mallocx(i64 %some, i32 0)
  ret ptr %p
}
define noalias ptr @A.aligned(i64 %n, i64 %align, i1 %scan) nounwind {
  %some = call i64 @llvm.umax.i64(i64 %n, i64 1)
  %zeros = call i64 @llvm.cttz.i64(i64 %align, i1 true)
  %flags = trunc i64 %zeros to i32
  %p = call noalias ptr @mallocx(i64 %some, i32 %flags)
  ret ptr %p
}
define void @A.free(ptr %p, i64 %n) nounwind alwaysinline {
  %nil = icmp eq ptr %p, null
  br i1 %nil, label %done, label %some
some:
  call void @dallocx(ptr %p, i32 0)
  br label %done
done:
  ret void
}

; libc's allocator. %scan says that pointers may be in the block; only a collector asks.

declare noalias ptr @calloc(i64, i64) nounwind allockind("alloc,zeroed") allocsize(0,1) "alloc-family"="malloc"
declare noalias ptr @malloc(i64) nounwind allockind("alloc,uninitialized") allocsize(0) "alloc-family"="malloc"
declare void @free(ptr allocptr) nounwind allockind("free") "alloc-family"="malloc"
declare i32 @posix_memalign(ptr, i64, i64) nounwind

define noalias ptr @A.zeroed(i64 %n, i1 %scan) nounwind alwaysinline {
  %p = call noalias ptr @calloc(i64 1, i64 %n)
  ret ptr %p
}
define noalias ptr @A.raw(i64 %n, i1 %scan) nounwind alwaysinline {
  %p = call noalias ptr @malloc(i64 %n)
  ret ptr %p
}
define noalias ptr @A.aligned(i64 %n, i64 %align, i1 %scan) nounwind {
  %at = alloca ptr
  store ptr null, ptr %at
  %failed = call i32 @posix_memalign(ptr %at, i64 %align, i64 %n)
  %p = load ptr, ptr %at
  %ok = icmp eq i32 %failed, 0
  %q = select i1 %ok, ptr %p, ptr null
  ret ptr %q
}
define void @A.free(ptr %p, i64 %n) nounwind alwaysinline {
  call void @free(ptr %p)
  ret void
}

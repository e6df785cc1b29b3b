; mimalloc, by its own names: no other library is replaced.

declare noalias ptr @mi_zalloc(i64) nounwind allockind("alloc,zeroed") allocsize(0) "alloc-family"="mimalloc"
declare noalias ptr @mi_malloc(i64) nounwind allockind("alloc,uninitialized") allocsize(0) "alloc-family"="mimalloc"
declare noalias ptr @mi_malloc_aligned(i64, i64) nounwind
declare void @mi_free(ptr allocptr) nounwind allockind("free") "alloc-family"="mimalloc"

define noalias ptr @A.zeroed(i64 %n, i1 %scan) nounwind alwaysinline {
  %p = call noalias ptr @mi_zalloc(i64 %n)
  ret ptr %p
}
define noalias ptr @A.raw(i64 %n, i1 %scan) nounwind alwaysinline {
  %p = call noalias ptr @mi_malloc(i64 %n)
  ret ptr %p
}
define noalias ptr @A.aligned(i64 %n, i64 %align, i1 %scan) nounwind {
  %p = call noalias ptr @mi_malloc_aligned(i64 %n, i64 %align)
  ret ptr %p
}
define void @A.free(ptr %p, i64 %n) nounwind alwaysinline {
  call void @mi_free(ptr %p)
  ret void
}

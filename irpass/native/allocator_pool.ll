; The generated pool. A block that is aligned more than all are is a part of a larger one: the pool takes back any part
; of a block.

declare noalias ptr @irpass_pool_take(i64) nounwind allockind("alloc,uninitialized") allocsize(0) "alloc-family"="pool"
declare void @irpass_pool_give(ptr allocptr, i64) nounwind allockind("free") "alloc-family"="pool"

define noalias ptr @A.zeroed(i64 %n, i1 %scan) nounwind alwaysinline {
  %p = call noalias ptr @irpass_pool_take(i64 %n)
  %missing = icmp eq ptr %p, null
  br i1 %missing, label %done, label %clear
clear:
  call void @llvm.memset.p0.i64(ptr align 16 %p, i8 0, i64 %n, i1 false)
  br label %done
done:
  ret ptr %p
}
define noalias ptr @A.raw(i64 %n, i1 %scan) nounwind alwaysinline {
  %p = call noalias ptr @irpass_pool_take(i64 %n)
  ret ptr %p
}
define noalias ptr @A.aligned(i64 %n, i64 %align, i1 %scan) nounwind {
  %more = add i64 %n, %align
  %p = call noalias ptr @irpass_pool_take(i64 %more)
  %missing = icmp eq ptr %p, null
  %at = ptrtoint ptr %p to i64
  %last = sub i64 %align, 1
  %past = add i64 %at, %last
  %mask = sub i64 0, %align
  %start = and i64 %past, %mask
  %skip = sub i64 %start, %at
  %q = getelementptr i8, ptr %p, i64 %skip
  %r = select i1 %missing, ptr null, ptr %q
  ret ptr %r
}
define void @A.free(ptr %p, i64 %n) nounwind alwaysinline {
  call void @irpass_pool_give(ptr %p, i64 %n)
  ret void
}

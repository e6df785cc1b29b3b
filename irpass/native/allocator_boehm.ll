; The Boehm collector. Blocks without pointers are not looked into, and do not come zeroed.

declare noalias ptr @GC_malloc(i64) nounwind allockind("alloc,zeroed") allocsize(0) "alloc-family"="gc"
declare noalias ptr @GC_malloc_atomic(i64) nounwind allockind("alloc,uninitialized") allocsize(0) "alloc-family"="gc"
declare noalias ptr @GC_memalign(i64, i64) nounwind
declare void @GC_free(ptr allocptr) nounwind allockind("free") "alloc-family"="gc"
declare void @GC_init() nounwind
declare void @GC_allow_register_threads() nounwind
declare i32 @GC_get_stack_base(ptr) nounwind
declare i32 @GC_register_my_thread(ptr) nounwind
declare i32 @GC_unregister_my_thread() nounwind

define void @A.setup() nounwind {
  call void @GC_init()
  call void @GC_allow_register_threads()
  ret void
}
define void @A.begin() nounwind {
  %base = alloca [64 x i8], align 16
  %found = call i32 @GC_get_stack_base(ptr %base)
  %entered = call i32 @GC_register_my_thread(ptr %base)
  ret void
}
define void @A.end() nounwind {
  %left = call i32 @GC_unregister_my_thread()
  ret void
}
define noalias ptr @A.zeroed(i64 %n, i1 %scan) nounwind alwaysinline {
  br i1 %scan, label %traced, label %plain
traced:
  %p = call noalias ptr @GC_malloc(i64 %n)
  ret ptr %p
plain:
  %q = call noalias ptr @GC_malloc_atomic(i64 %n)
  %missing = icmp eq ptr %q, null
  br i1 %missing, label %done, label %clear
clear:
  call void @llvm.memset.p0.i64(ptr %q, i8 0, i64 %n, i1 false)
  br label %done
done:
  ret ptr %q
}
define noalias ptr @A.raw(i64 %n, i1 %scan) nounwind alwaysinline {
  br i1 %scan, label %traced, label %plain
traced:                                            ; zeroed: what a collector finds there must not be what was before
  %p = call noalias ptr @GC_malloc(i64 %n)
  ret ptr %p
plain:
  %q = call noalias ptr @GC_malloc_atomic(i64 %n)
  ret ptr %q
}
define noalias ptr @A.aligned(i64 %n, i64 %align, i1 %scan) nounwind {
  %p = call noalias ptr @GC_memalign(i64 %align, i64 %n)
  ret ptr %p
}
define void @A.free(ptr %p, i64 %n) nounwind alwaysinline {
  call void @GC_free(ptr %p)
  ret void
}

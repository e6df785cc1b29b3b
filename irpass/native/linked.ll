; Within an executable: executable.c has where lines and traps go.

@rt.stack.end = external global ptr

declare void @rt.trap(i32) noreturn nounwind cold

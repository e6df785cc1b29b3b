; For an allocator that a process and its threads need not make ready.

define void @A.setup() nounwind { ret void }
define void @A.begin() nounwind { ret void }
define void @A.end() nounwind { ret void }

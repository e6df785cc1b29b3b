package lib

func Exported() int { return 1 }

package os

// Args is set by @main from one text: the arguments, with the byte 0x1f between each two.
var Args []string

func split(text string) []string {
	args := []string{"minigo"}
	if len(text) == 0 {
		return args
	}
	start := 0
	for i := 0; i < len(text); i++ {
		if text[i] == 0x1f {
			args = append(args, text[start:i])
			start = i + 1
		}
	}
	return append(args, text[start:])
}

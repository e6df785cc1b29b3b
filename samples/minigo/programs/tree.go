// Tree building: a binary search tree whose nodes have a payload each, walked with a stack of its own.
package main

import (
	"fmt"
	"os"
	"strconv"
)

type Payload struct {
	count int
	marks []int
}

type Node struct {
	key         int
	payload     *Payload
	left, right *Node
}

func newNode(key int) *Node {
	marks := make([]int, 2)
	payload := &Payload{1, marks}
	return &Node{key: key, payload: payload}
}

func insert(root *Node, key int) *Node {
	if root == nil {
		return newNode(key)
	}
	node := root
	for depth := 0; ; depth++ {
		if key == node.key {
			node.payload.count++
			node.payload.marks[depth%2]++
			return root
		}
		next := &node.left
		if key > node.key {
			next = &node.right
		}
		if *next == nil {
			*next = newNode(key)
			return root
		}
		node = *next
	}
}

func walk(root *Node) (keys []int, height int) {
	stack := make([]*Node, 0, 16)
	depths := make([]int, 0, 16)
	node, depth := root, 1
	for node != nil || len(stack) > 0 {
		for ; node != nil; node = node.left {
			stack = append(stack, node)
			depths = append(depths, depth)
			height = max(height, depth)
			depth++
		}
		last := len(stack) - 1
		node, depth = stack[last], depths[last]+1
		stack, depths = stack[:last], depths[:last]
		keys = append(keys, node.key)
		node = node.right
	}
	return
}

func main() {
	n := 80
	if len(os.Args) > 1 {
		n, _ = strconv.Atoi(os.Args[1])
	}
	var root *Node
	x := 12345
	for range n {
		x = (x*1103515245 + 12345) % (1 << 31)
		root = insert(root, x%(n*2))
	}
	keys, height := walk(root)
	sorted := true
	for i := 1; i < len(keys); i++ {
		sorted = sorted && keys[i-1] < keys[i]
	}
	fmt.Println(len(keys), "keys, height", height, "sorted", sorted)
	fmt.Println("first", keys[:5], "root", root.key, *root.payload)
}

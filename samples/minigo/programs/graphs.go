// Adjacency lists: many small random graphs, each stored in compressed rows and searched breadth
// first from every fourth node.
package main

import (
	"fmt"
	"os"
	"strconv"
)

func search(offsets, targets []int32, n, from int) int {
	dist := make([]int32, n)
	queue := make([]int32, n)
	seen := make([]bool, n)
	head, tail := 0, 0
	queue[tail] = int32(from)
	tail++
	seen[from] = true
	sum := 0
	for head < tail {
		u := queue[head]
		head++
		for e := offsets[u]; e < offsets[u+1]; e++ {
			v := targets[e]
			if !seen[v] {
				seen[v] = true
				dist[v] = dist[u] + 1
				sum += int(dist[v])
				queue[tail] = v
				tail++
			}
		}
	}
	return sum + tail*1000
}

func graph(n, degree int, seed uint32) int {
	edges := n * degree
	from := make([]int32, edges)
	to := make([]int32, edges)
	offsets := make([]int32, n+1)
	fill := make([]int32, n)
	targets := make([]int32, edges)
	for e := 0; e < edges; e++ {
		seed = seed*1664525 + 1013904223
		from[e] = int32(int(seed>>16) % n)
		seed = seed*1664525 + 1013904223
		to[e] = int32(int(seed>>16) % n)
		offsets[from[e]+1]++
	}
	for i := 0; i < n; i++ {
		offsets[i+1] += offsets[i]
		fill[i] = offsets[i]
	}
	for e := 0; e < edges; e++ {
		u := from[e]
		targets[fill[u]] = to[e]
		fill[u]++
	}
	sum := 0
	for i := 0; i < n; i += 4 {
		sum += search(offsets, targets, n, i)
	}
	return sum
}

func main() {
	n := 10
	if len(os.Args) > 1 {
		n, _ = strconv.Atoi(os.Args[1])
	}
	total := 0
	for i := 0; i < n; i++ {
		total += graph(4+i%5, 1, uint32(i))
	}
	fmt.Println(total)
}

// Counting words in a hash table of our own: buckets of entries in chains, which grow into a new table.
package main

import (
	"fmt"
	"os"
	"strconv"
)

type Entry struct {
	key   string
	count int
	next  *Entry
}

type Table struct {
	buckets []*Entry
	size    int
}

func newTable(room int) *Table {
	return &Table{buckets: make([]*Entry, room)}
}

func hash(key string) uint32 {
	h := uint32(2166136261)
	for i := 0; i < len(key); i++ {
		h ^= uint32(key[i])
		h *= 16777619
	}
	return h
}

func (t *Table) find(key string) *Entry {
	for e := t.buckets[hash(key)%uint32(len(t.buckets))]; e != nil; e = e.next {
		if e.key == key {
			return e
		}
	}
	return nil
}

func (t *Table) add(key string, count int) {
	if e := t.find(key); e != nil {
		e.count += count
		return
	}
	if t.size >= len(t.buckets) {
		bigger := newTable(2 * len(t.buckets))
		for _, e := range t.buckets {
			for ; e != nil; e = e.next {
				bigger.add(e.key, e.count)
			}
		}
		*t = *bigger
	}
	at := hash(key) % uint32(len(t.buckets))
	t.buckets[at] = &Entry{key, count, t.buckets[at]}
	t.size++
}

func word(n int) string {
	letters := make([]byte, 0, 8)
	syllables := []string{"ka", "lo", "mi", "nu", "re", "sa"}
	for {
		letters = append(letters, syllables[n%6]...)
		n /= 6
		if n == 0 {
			return string(letters)
		}
	}
}

func main() {
	n := 60
	if len(os.Args) > 1 {
		n, _ = strconv.Atoi(os.Args[1])
	}
	table := newTable(4)
	x := 7
	for range n {
		x = (x*1664525 + 1013904223) & 0x7fffffff
		table.add(word(x>>8%97), 1)
	}
	most := &Entry{}
	longest := 0
	for _, e := range table.buckets {
		length := 0
		for ; e != nil; e = e.next {
			length++
			if e.count > most.count || e.count == most.count && e.key < most.key {
				most = e
			}
		}
		longest = max(longest, length)
	}
	fmt.Println(table.size, "words in", len(table.buckets), "buckets, longest chain", longest)
	fmt.Printf("most often: %q, %d times; %08x\n", most.key, most.count, hash(most.key))
}

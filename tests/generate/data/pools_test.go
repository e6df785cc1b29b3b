package pools

import (
	"errors"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"unsafe"
)

// A kind is one allocator or view of the sample compiler.toml, with bytes for its elements.
type kind struct {
	name   string
	base   Allocator
	elem   int
	exact  bool
	alloc  func(c *Cache, n int) view
	free   func(c *Cache, v view) error
	resize func(c *Cache, v view, n int) (view, error)
	grow   func(c *Cache, v view, extra int) (view, error)
}

// A view is a slice of any type.
type view struct {
	ptr      unsafe.Pointer
	len, cap int
}

func viewOf[T any](s []T) view { return view{unsafe.Pointer(unsafe.SliceData(s)), len(s), cap(s)} }

func sliceOf[T any](v view) []T { return unsafe.Slice((*T)(v.ptr), v.cap)[:v.len] }

func makeKind[T any](name string, base Allocator, exact bool, alloc func(*Cache, int) []T, free func(*Cache, []T) error,
	resize, grow func(*Cache, []T, int) ([]T, error)) kind {
	return kind{
		name, base, int(unsafe.Sizeof(*new(T))), exact,
		func(c *Cache, n int) view { return viewOf(alloc(c, n)) },
		func(c *Cache, v view) error { return free(c, sliceOf[T](v)) },
		func(c *Cache, v view, n int) (view, error) {
			s, err := resize(c, sliceOf[T](v), n)
			return viewOf(s), err
		},
		func(c *Cache, v view, extra int) (view, error) {
			s, err := grow(c, sliceOf[T](v), extra)
			return viewOf(s), err
		},
	}
}

// The pointerful allocator is not among them: the model writes any bytes.
var kinds = []kind{
	makeKind("words", Words, false, (*Cache).AllocWords, (*Cache).FreeWords, (*Cache).ResizeWords, (*Cache).GrowWords),
	makeKind("ids", Words, true, (*Cache).AllocIds, (*Cache).FreeIds, (*Cache).ResizeIds, (*Cache).GrowIds),
	makeKind("bytes", Words, false, (*Cache).AllocBytes, (*Cache).FreeBytes, (*Cache).ResizeBytes, (*Cache).GrowBytes),
}

func (v view) bytes(elem int) []byte { return unsafe.Slice((*byte)(v.ptr), v.len*elem) }

type live struct {
	kind    kind
	view    view
	content []byte
}

func (l live) isUnchanged() bool { return string(l.view.bytes(l.kind.elem)) == string(l.content) }

func allZero(b []byte) bool { return strings.Trim(string(b), "\x00") == "" }

// overlaps reports whether two views, to the ends of their caps, have bytes in common.
func (l live) overlaps(m live) bool {
	a, b := uintptr(l.view.ptr), uintptr(m.view.ptr)
	return a < b+uintptr(m.view.cap*m.kind.elem) && b < a+uintptr(l.view.cap*l.kind.elem)
}

func TestRandomCallsDoWhatTheModelSays(t *testing.T) {
	for seed := range uint64(8) {
		random := rand.New(rand.NewPCG(seed, 1))
		c, other := NewCache(), NewCache()
		before := StatsOf(Words)
		var all []live
		add := func(l live) {
			for _, m := range all {
				if l.view.cap > 0 && m.view.cap > 0 && l.overlaps(m) {
					t.Fatalf("%s and %s overlap", l.kind.name, m.kind.name)
				}
			}
			for i := range l.view.bytes(l.kind.elem) {
				l.view.bytes(l.kind.elem)[i] = byte(random.Uint32())
			}
			l.content = append([]byte(nil), l.view.bytes(l.kind.elem)...)
			all = append(all, l)
		}
		for range 400 {
			n := random.IntN(700)
			if random.IntN(150) == 0 {
				n = 131_073 + random.IntN(100_000)
			}
			if len(all) == 0 || random.IntN(3) == 0 {
				k := kinds[random.IntN(len(kinds))]
				v := k.alloc(c, n)
				if v.len != n || (k.exact && v.cap != n) || !allZero(view{v.ptr, v.cap, v.cap}.bytes(k.elem)) {
					t.Fatalf("%s: alloc %d gives len %d, cap %d, or not zero", k.name, n, v.len, v.cap)
				}
				add(live{k, v, nil})
				continue
			}
			i := random.IntN(len(all))
			l := all[i]
			if !l.isUnchanged() {
				t.Fatalf("%s: content has changed", l.kind.name)
			}
			all[i] = all[len(all)-1]
			all = all[:len(all)-1]
			elem := l.kind.elem
			switch choice := random.IntN(4); {
			case choice < 2:
				v, err, needed, newCap := l.view, error(nil), n, n
				if choice == 0 {
					v, err = l.kind.resize(c, l.view, n)
				} else {
					needed = l.view.len + n%300
					newCap = l.view.cap
					if needed > newCap {
						newCap = appendCap(newCap, needed)
					}
					v, err = l.kind.grow(c, l.view, n%300)
				}
				kept := min(len(l.content), needed*elem)
				got := v.bytes(elem)
				if err != nil || v.len != needed || v.cap < needed || (l.kind.exact && v.cap > newCap) {
					t.Fatalf("%s: len %d, cap %d, %v", l.kind.name, v.len, v.cap, err)
				}
				if string(got[:kept]) != string(l.content[:kept]) || !allZero(got[kept:]) {
					t.Fatalf("%s: content is lost, or the rest not zero", l.kind.name)
				}
				add(live{l.kind, v, nil})
			default: // often moved forward and shortened, and through another cache
				v := l.view
				if cut := random.IntN(20); choice == 3 && cut < v.cap {
					v = view{unsafe.Add(v.ptr, cut*elem), 0, 1 + random.IntN(v.cap-cut)}
				}
				if err := l.kind.free(other, v); err != nil {
					t.Fatalf("%s: %v", l.kind.name, err)
				}
				if err := l.kind.free(c, v); v.cap > 0 && !errors.Is(err, ErrNotLive) && !errors.Is(err, ErrNotOurs) {
					t.Fatalf("%s: the second free gives %v", l.kind.name, err)
				}
			}
		}
		for _, l := range all {
			if !l.isUnchanged() {
				t.Fatalf("%s: content has changed", l.kind.name)
			}
			if err := l.kind.free(c, l.view); err != nil {
				t.Fatal(err)
			}
		}
		c.Close()
		other.Close()
		after := StatsOf(Words)
		if after.Live != before.Live || after.Allocs <= before.Allocs {
			t.Fatalf("statistics: %+v, then %+v", before, after)
		}
		if Trim(); StatsOf(Words).HeldBytes != 0 {
			t.Fatalf("held after trim: %d", StatsOf(Words).HeldBytes)
		}
	}
}

func TestLengthZeroWorks(t *testing.T) {
	c := NewCache()
	defer c.Close()
	for _, k := range kinds {
		v := k.alloc(c, 0)
		if v.ptr == nil || v.len != 0 || (k.exact && v.cap != 0) {
			t.Errorf("%s: %+v", k.name, v)
		}
		if err := k.free(c, v); err != nil {
			t.Error(err)
		}
	}
	if err := c.FreeIds(nil); err != nil {
		t.Error(err)
	}
}

func TestImpossibleLengthsFailCleanly(t *testing.T) {
	c := NewCache()
	defer c.Close()
	for _, n := range []int{-1, -1 << 63, 1<<63 - 1, 1 << 41, 1 << 61} {
		for _, k := range kinds {
			func() {
				defer func() {
					if err, ok := recover().(error); !ok || !errors.Is(err, ErrLength) {
						t.Errorf("%s: alloc %d gives %v", k.name, n, err)
					}
				}()
				k.alloc(c, n)
			}()
			v := k.alloc(c, 3)
			if _, err := k.resize(c, v, n); !errors.Is(err, ErrLength) {
				t.Errorf("%s: resize %d gives %v", k.name, n, err)
			}
			if _, err := k.grow(c, v, n); !errors.Is(err, ErrLength) {
				t.Errorf("%s: grow %d gives %v", k.name, n, err)
			}
			if err := k.free(c, v); err != nil { // it is still whole
				t.Error(err)
			}
		}
	}
}

func TestMistakesAreRefused(t *testing.T) {
	c := NewCache()
	defer c.Close()
	if err := c.FreeWords(make([]int64, 100)); !errors.Is(err, ErrNotOurs) {
		t.Error(err)
	}
	words := c.AllocWords(8)
	if err := c.FreeWords(words[8:]); err == nil && cap(words) == 8 {
		t.Error("a view with no cap is freed")
	}
	c.FreeWords(words)
	nodes := c.AllocNodes(8)
	asWords := unsafe.Slice((*int64)(unsafe.Pointer(&nodes[0])), 8)
	if err := c.FreeWords(asWords); !errors.Is(err, ErrOtherAllocator) {
		t.Error(err)
	}
	if err := c.FreeNodes(nodes); err != nil {
		t.Error(err)
	}
}

func TestPointersInABlockKeepWhatTheyPointToAlive(t *testing.T) {
	c := NewCache()
	defer c.Close()
	for range 200 {
		nodes := c.AllocNodes(100)
		for i := range nodes {
			if nodes[i] != nil {
				t.Fatal("a recycled block has old pointers")
			}
			nodes[i] = unsafe.Pointer(new(int))
			*(*int)(nodes[i]) = i
		}
		garbage := make([][]byte, 100)
		for i := range garbage {
			garbage[i] = make([]byte, 10_000)
		}
		for i := range nodes {
			if *(*int)(nodes[i]) != i {
				t.Fatal("what a block points to is gone")
			}
		}
		c.FreeNodes(nodes)
	}
}

func TestStrings(t *testing.T) {
	c := NewCache()
	defer c.Close()
	s := c.AllocText("pool")
	for range 8 {
		var err error
		if s, err = c.AppendText(s, s); err != nil {
			t.Fatal(err)
		}
	}
	if s != strings.Repeat("pool", 256) {
		t.Fatalf("%d bytes: %q", len(s), s)
	}
	if err := c.FreeText(s); err != nil {
		t.Error(err)
	}
	if err := c.FreeText(s); !errors.Is(err, ErrNotLive) {
		t.Error(err)
	}
	if err := c.FreeText(c.AllocTextBytes(nil)); err != nil {
		t.Error(err)
	}
}

func TestGoroutinesExchangeBlocks(t *testing.T) {
	before := StatsOf(Words)
	channel := make(chan []byte, 100)
	var producers, consumers sync.WaitGroup
	for p := range 3 {
		producers.Add(1)
		go func() {
			defer producers.Done()
			c := NewCache()
			defer c.Close()
			for i := range 5000 {
				b := c.AllocBytes(1 + (i*7+p)%500)
				for j := range b {
					if b[j] != 0 {
						t.Error("a recycled block is not zero")
						return
					}
					b[j] = byte(len(b))
				}
				channel <- b
			}
		}()
	}
	for range 2 {
		consumers.Add(1)
		go func() {
			defer consumers.Done()
			c := NewCache()
			defer c.Close()
			for b := range channel {
				if b[0] != byte(len(b)) || b[len(b)-1] != byte(len(b)) {
					t.Error("content has changed")
				}
				if err := c.FreeBytes(b[len(b)/2:]); err != nil {
					t.Error(err)
				}
			}
		}()
	}
	producers.Wait()
	close(channel)
	consumers.Wait()
	if after := StatsOf(Words); after.Allocs-before.Allocs != 15000 || after.Live != before.Live {
		t.Errorf("%+v, then %+v", before, after)
	}
}

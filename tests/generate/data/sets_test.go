package sets

import "testing"

func TestObjectsArePooledByCapacity(t *testing.T) {
	c := NewCache()
	first := c.AllocSparse(40)
	first.Add(39)
	c.FreeSparse(first)
	second := c.AllocSparse(33)
	if second != first || second.Has(39) {
		t.Error("not the same object, or not cleared")
	}
	second.Add(7)
	larger := c.GrowSparse(second, 100)
	if larger.Capacity() != 128 || !larger.Has(7) {
		t.Error("not copied")
	}
	if huge := c.AllocSparse(100_000); huge.Capacity() != 100_000 {
		t.Error(huge.Capacity())
	}
	entries := c.AllocEntries(3)
	name := "x"
	entries[2] = Entry{&entries[0], &name, 1}
	if err := c.FreeEntries(entries[1:]); err != nil {
		t.Error(err)
	}
	if again := c.AllocEntries(4); again[2] != (Entry{}) {
		t.Error("a recycled block is not zero")
	}
	c.Close()
	if stats := StatsOf(Sparse); stats.Allocs != 4 || stats.Frees != 2 {
		t.Errorf("%+v", stats)
	}
}

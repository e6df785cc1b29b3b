package sets

// Entry is an element that has pointers in some of its words.
type Entry struct {
	Next  *Entry
	Name  *string
	Value int
}

// SparseSet is a set of small integers with clearing in constant time (Briggs and Torczon).
type SparseSet struct {
	dense, sparse []uint32
}

// NewSparseSet returns a set for members below capacity.
func NewSparseSet(capacity int) *SparseSet {
	return &SparseSet{make([]uint32, 0, capacity), make([]uint32, capacity)}
}

// Has reports whether member is in the set.
func (s *SparseSet) Has(member uint32) bool {
	at := s.sparse[member]
	return int(at) < len(s.dense) && s.dense[at] == member
}

// Add puts member into the set.
func (s *SparseSet) Add(member uint32) {
	if !s.Has(member) {
		s.sparse[member] = uint32(len(s.dense))
		s.dense = append(s.dense, member)
	}
}

// Clear empties the set.
func (s *SparseSet) Clear() { s.dense = s.dense[:0] }

// Capacity returns the number of members that the set can have.
func (s *SparseSet) Capacity() int { return len(s.sparse) }

// CopyFrom adds the members of from.
func (s *SparseSet) CopyFrom(from *SparseSet) {
	for _, member := range from.dense {
		s.Add(member)
	}
}

package calls

import (
	"cmp"
	"slices"
	"strings"
)

// maxNear is how many names are offered for an unknown one.
const maxNear = 6

// Near returns the names most like an unknown one, the nearest first.
func Near(name string, names []string) []string {
	type guess struct {
		name     string
		distance int
	}
	plain := squeeze(name)
	most := max(1, len(plain)/3)
	var found []guess
	for _, n := range names {
		if d := distance(plain, squeeze(n), most); d <= most {
			found = append(found, guess{n, d})
		}
	}
	slices.SortFunc(found, func(a, b guess) int {
		return cmp.Or(a.distance-b.distance, cmp.Compare(a.name, b.name))
	})
	out := make([]string, 0, maxNear)
	for _, g := range found[:min(maxNear, len(found))] {
		out = append(out, g.name)
	}
	return out
}

// squeeze drops what people forget: case and underscores.
func squeeze(s string) string { return strings.ReplaceAll(strings.ToLower(s), "_", "") }

// distance is the number of letters to insert, drop, replace or swap with their
// neighbour (optimal string alignment); more than most is most+1.
func distance(a, b string, most int) int {
	if abs(len(a)-len(b)) > most {
		return most + 1
	}
	prev2, prev, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range prev {
		prev[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			same := 1
			if a[i-1] == b[j-1] {
				same = 0
			}
			row[j] = min(prev[j]+1, row[j-1]+1, prev[j-1]+same)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], prev2[j-2]+1)
			}
		}
		prev2, prev, row = prev, row, prev2
	}
	return min(prev[len(b)], most+1)
}

func abs(n int) int { return max(n, -n) }

package calls

import (
	"strings"
	"unicode/utf8"
)

// Table is rows of cells, to be printed in columns.
type Table struct {
	Head []string
	Rows [][]string
}

// Add appends a row.
func (t *Table) Add(cells ...string) { t.Rows = append(t.Rows, cells) }

// Lines lays the table out. A column that is empty in all rows is left out; paint
// (which may be nil) colours a cell after its width is known: column by its head,
// "" as row stands for the head itself.
func (t *Table) Lines(paint func(column, cell string, isHead bool) string) []string {
	widths := make([]int, len(t.Head))
	for _, r := range t.Rows {
		for i, c := range r {
			if c != "" {
				widths[i] = max(widths[i], utf8.RuneCountInString(c), utf8.RuneCountInString(t.Head[i]))
			}
		}
	}
	out := []string{t.line(t.Head, widths, paint, true)}
	for _, r := range t.Rows {
		out = append(out, t.line(r, widths, paint, false))
	}
	return out
}

func (t *Table) line(cells []string, widths []int, paint func(string, string, bool) string, isHead bool) string {
	var b strings.Builder
	blanks := 0
	for i, c := range cells {
		if widths[i] == 0 {
			continue
		}
		b.WriteString(strings.Repeat(" ", blanks))
		blanks = widths[i] - utf8.RuneCountInString(c) + 2
		if paint != nil {
			c = paint(t.Head[i], c, isHead)
		}
		b.WriteString(c)
	}
	return strings.TrimRight(b.String(), " ")
}

package diag

import "go.yaml.in/yaml/v4"

// unfolded is how many values a document has with aliases followed, maxNodes + 1
// at most, so that a few lines cannot unfold into a billion (CVE-2019-11253). What
// an alias stands for is counted once and added as often as it is used. An alias
// that contains itself has no end, and is said to have too many.
func unfolded(root *yaml.Node) int {
	known := map[*yaml.Node]int{}
	open := map[*yaml.Node]bool{}
	var count func(*yaml.Node) int
	count = func(n *yaml.Node) int {
		if n.Kind == yaml.AliasNode {
			if n.Alias == nil {
				return 1
			}
			return count(n.Alias)
		}
		if c, done := known[n]; done {
			return c
		}
		if open[n] {
			return maxNodes + 1
		}
		open[n] = true
		c := 1
		for _, part := range n.Content {
			if c += count(part); c > maxNodes {
				c = maxNodes + 1
				break
			}
		}
		delete(open, n)
		known[n] = c
		return c
	}
	return count(root)
}

// Particle steps: six particles in a box; each step sorts them into cells and sums up forces in
// arrays that live for one step.
package main

import (
	"fmt"
	"os"
	"strconv"
)

type Particle struct {
	x, y, vx, vy float64
}

func step(ps []Particle, dt float64) int {
	n := len(ps)
	fx := make([]float64, n)
	fy := make([]float64, n)
	cell := make([]int32, n)
	used := make([]int32, 16)
	for i := range ps {
		cx, cy := int(ps[i].x), int(ps[i].y)
		c := cy*4 + cx
		cell[i] = int32(c)
		used[c]++
	}
	met := 0
	for i := 0; i < n; i++ {
		if used[cell[i]] < 2 {
			continue
		}
		for j := i + 1; j < n; j++ {
			if cell[i] != cell[j] {
				continue
			}
			dx, dy := ps[j].x-ps[i].x, ps[j].y-ps[i].y
			d := dx*dx + dy*dy + 0.01
			fx[i] -= dx / d
			fy[i] -= dy / d
			fx[j] += dx / d
			fy[j] += dy / d
			met++
		}
	}
	for i := range ps {
		p := &ps[i]
		p.vx += fx[i] * dt
		p.vy += fy[i] * dt
		p.x += p.vx * dt
		p.y += p.vy * dt
		if p.x < 0 || p.x >= 4 {
			p.vx = -p.vx
			p.x += 2 * p.vx * dt
		}
		if p.y < 0 || p.y >= 4 {
			p.vy = -p.vy
			p.y += 2 * p.vy * dt
		}
		if p.x < 0 || p.x >= 4 || p.y < 0 || p.y >= 4 {
			p.x, p.y, p.vx, p.vy = 2, 2, 0, 0
		}
	}
	return met
}

func main() {
	n := 100
	if len(os.Args) > 1 {
		n, _ = strconv.Atoi(os.Args[1])
	}
	ps := make([]Particle, 6)
	for i := range ps {
		ps[i] = Particle{float64(i%4) + 0.3, float64(i/4) + 0.6, float64(i%3) - 1, float64(i%5)/4 - 0.5}
	}
	met := 0
	for i := 0; i < n; i++ {
		met += step(ps, 0.001)
	}
	energy := 0.0
	for _, p := range ps {
		energy += p.vx*p.vx + p.vy*p.vy
	}
	fmt.Printf("%d %.4f\n", met, energy)
}

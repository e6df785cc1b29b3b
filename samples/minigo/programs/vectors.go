// Particle steps: forces and velocities in slices that are made for each step, vectors passed by value.
package main

import (
	"fmt"
	"os"
	"strconv"
)

type Vec struct {
	x, y float64
}

func (a Vec) plus(b Vec) Vec { return Vec{a.x + b.x, a.y + b.y} }

func (a Vec) times(f float64) Vec { return Vec{a.x * f, a.y * f} }

type Particle struct {
	at, speed Vec
	mass      float64
}

type Box struct {
	low, high Vec
}

func forces(particles []Particle) []Vec {
	pull := make([]Vec, len(particles))
	center := &Vec{}
	masses := make([]float64, len(particles))
	total := 0.0
	for i, p := range particles {
		masses[i] = p.mass
		total += p.mass
		*center = center.plus(p.at.times(p.mass))
	}
	middle := center.times(1 / total)
	for i := range pull {
		away := middle.plus(particles[i].at.times(-1))
		pull[i] = away.times(masses[i] * 0.25)
	}
	return pull
}

func step(particles []Particle, dt float64) []Particle {
	pull := forces(particles)
	next := make([]Particle, len(particles))
	for i, p := range particles {
		speed := p.speed.plus(pull[i].times(dt / p.mass))
		next[i] = Particle{p.at.plus(speed.times(dt)), speed, p.mass}
	}
	return next
}

func bounds(particles []Particle) *Box {
	box := &Box{particles[0].at, particles[0].at}
	for i := range particles {
		p := &particles[i]
		box.low = Vec{min(box.low.x, p.at.x), min(box.low.y, p.at.y)}
		box.high = Vec{max(box.high.x, p.at.x), max(box.high.y, p.at.y)}
	}
	return box
}

func main() {
	steps := 10
	if len(os.Args) > 1 {
		steps, _ = strconv.Atoi(os.Args[1])
	}
	particles := make([]Particle, 8)
	for i := range particles {
		f := float64(i)
		particles[i] = Particle{Vec{f, 8 - f*f/4}, Vec{0.5 - f/8, 0.25}, 1 + f/2}
	}
	for i := range steps {
		particles = step(particles, 0.125)
		if i == steps-1 {
			box := bounds(particles)
			fmt.Printf("box %.6f %.6f to %.6f %.6f\n", box.low.x, box.low.y, box.high.x, box.high.y)
		}
	}
	energy := 0.0
	for _, p := range particles {
		energy += p.mass * (p.speed.x*p.speed.x + p.speed.y*p.speed.y) / 2
	}
	fmt.Println("energy", energy)
}

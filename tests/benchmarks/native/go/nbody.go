// N-body: the outer planets around the sun (the Computer Language Benchmarks Game). math.Sqrt is
// written out as Newton's method.
package main

import (
	"fmt"
	"os"
	"strconv"
)

type Body struct {
	x, y, z, vx, vy, vz, mass float64
}

const (
	solarMass   = 4 * 3.141592653589793 * 3.141592653589793
	daysPerYear = 365.24
)

func sqrt(x float64) float64 {
	r := x
	if r < 1 {
		r = 1
	}
	for i := 0; i < 12; i++ {
		r = (r + x/r) / 2
	}
	return r
}

func energy(bodies []Body) float64 {
	e := 0.0
	for i := range bodies {
		b := &bodies[i]
		e += 0.5 * b.mass * (b.vx*b.vx + b.vy*b.vy + b.vz*b.vz)
		for j := i + 1; j < len(bodies); j++ {
			o := &bodies[j]
			dx, dy, dz := b.x-o.x, b.y-o.y, b.z-o.z
			e -= b.mass * o.mass / sqrt(dx*dx+dy*dy+dz*dz)
		}
	}
	return e
}

func advance(bodies []Body, dt float64) {
	for i := range bodies {
		b := &bodies[i]
		for j := i + 1; j < len(bodies); j++ {
			o := &bodies[j]
			dx, dy, dz := b.x-o.x, b.y-o.y, b.z-o.z
			d2 := dx*dx + dy*dy + dz*dz
			mag := dt / (d2 * sqrt(d2))
			b.vx -= dx * o.mass * mag
			b.vy -= dy * o.mass * mag
			b.vz -= dz * o.mass * mag
			o.vx += dx * b.mass * mag
			o.vy += dy * b.mass * mag
			o.vz += dz * b.mass * mag
		}
	}
	for i := range bodies {
		b := &bodies[i]
		b.x += dt * b.vx
		b.y += dt * b.vy
		b.z += dt * b.vz
	}
}

func main() {
	n := 20
	if len(os.Args) > 1 {
		n, _ = strconv.Atoi(os.Args[1])
	}
	bodies := []Body{
		{0, 0, 0, 0, 0, 0, solarMass},
		{4.84143144246472082945e+00, -1.16032004402742839362e+00, -1.03622044471123109494e-01,
			1.66007664274403694959e-03 * daysPerYear, 7.69901118419740425080e-03 * daysPerYear,
			-6.90460016972063023554e-05 * daysPerYear, 9.54791938424326609124e-04 * solarMass},
		{8.34336671824457987790e+00, 4.12479856412430479268e+00, -4.03523417114321381185e-01,
			-2.76742510726411848204e-03 * daysPerYear, 4.99852801234917238954e-03 * daysPerYear,
			2.30417297573763929463e-05 * daysPerYear, 2.85885980666130812119e-04 * solarMass},
		{1.28943695621391310164e+01, -1.51111514016986312525e+01, -2.23307578892655734398e-01,
			2.96460137564761618652e-03 * daysPerYear, 2.37847173959480950187e-03 * daysPerYear,
			-2.96589568540237556131e-05 * daysPerYear, 4.36624404335156298062e-05 * solarMass},
		{1.53796971148509165498e+01, -2.59193146099879641146e+01, 1.79258772950371181757e-01,
			2.68067772490389322072e-03 * daysPerYear, 1.62824170038242295431e-03 * daysPerYear,
			-9.51592254519715870971e-05 * daysPerYear, 5.15138902046611451304e-05 * solarMass},
	}
	px, py, pz := 0.0, 0.0, 0.0
	for _, b := range bodies {
		px += b.vx * b.mass
		py += b.vy * b.mass
		pz += b.vz * b.mass
	}
	bodies[0].vx = -px / solarMass
	bodies[0].vy = -py / solarMass
	bodies[0].vz = -pz / solarMass
	fmt.Printf("%.9f\n", energy(bodies))
	for i := 0; i < n; i++ {
		advance(bodies, 0.01)
	}
	fmt.Printf("%.9f\n", energy(bodies))
}

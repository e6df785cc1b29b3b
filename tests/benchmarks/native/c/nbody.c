/* N-body: the outer planets around the sun (the Computer Language Benchmarks Game). The square root is written out as
   Newton's method. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
  double x, y, z, vx, vy, vz, mass;
} Body;

#define SOLAR_MASS (4 * 3.141592653589793 * 3.141592653589793)
#define DAYS_PER_YEAR 365.24

static double root(double x) {
  double r = x < 1 ? 1 : x;
  for (int i = 0; i < 12; i++)
    r = (r + x / r) / 2;
  return r;
}

static double energy(const Body *bodies, int64_t n) {
  double e = 0.0;
  for (int64_t i = 0; i < n; i++) {
    const Body *b = &bodies[i];
    e += 0.5 * b->mass * (b->vx * b->vx + b->vy * b->vy + b->vz * b->vz);
    for (int64_t j = i + 1; j < n; j++) {
      const Body *o = &bodies[j];
      double dx = b->x - o->x, dy = b->y - o->y, dz = b->z - o->z;
      e -= b->mass * o->mass / root(dx * dx + dy * dy + dz * dz);
    }
  }
  return e;
}

static void advance(Body *bodies, int64_t n, double dt) {
  for (int64_t i = 0; i < n; i++) {
    Body *b = &bodies[i];
    for (int64_t j = i + 1; j < n; j++) {
      Body *o = &bodies[j];
      double dx = b->x - o->x, dy = b->y - o->y, dz = b->z - o->z;
      double d2 = dx * dx + dy * dy + dz * dz;
      double mag = dt / (d2 * root(d2));
      b->vx -= dx * o->mass * mag;
      b->vy -= dy * o->mass * mag;
      b->vz -= dz * o->mass * mag;
      o->vx += dx * b->mass * mag;
      o->vy += dy * b->mass * mag;
      o->vz += dz * b->mass * mag;
    }
  }
  for (int64_t i = 0; i < n; i++) {
    Body *b = &bodies[i];
    b->x += dt * b->vx;
    b->y += dt * b->vy;
    b->z += dt * b->vz;
  }
}

static const Body PLANETS[] = {
    {0, 0, 0, 0, 0, 0, SOLAR_MASS},
    {4.84143144246472082945e+00, -1.16032004402742839362e+00, -1.03622044471123109494e-01,
     1.66007664274403694959e-03 * DAYS_PER_YEAR, 7.69901118419740425080e-03 * DAYS_PER_YEAR,
     -6.90460016972063023554e-05 * DAYS_PER_YEAR, 9.54791938424326609124e-04 * SOLAR_MASS},
    {8.34336671824457987790e+00, 4.12479856412430479268e+00, -4.03523417114321381185e-01,
     -2.76742510726411848204e-03 * DAYS_PER_YEAR, 4.99852801234917238954e-03 * DAYS_PER_YEAR,
     2.30417297573763929463e-05 * DAYS_PER_YEAR, 2.85885980666130812119e-04 * SOLAR_MASS},
    {1.28943695621391310164e+01, -1.51111514016986312525e+01, -2.23307578892655734398e-01,
     2.96460137564761618652e-03 * DAYS_PER_YEAR, 2.37847173959480950187e-03 * DAYS_PER_YEAR,
     -2.96589568540237556131e-05 * DAYS_PER_YEAR, 4.36624404335156298062e-05 * SOLAR_MASS},
    {1.53796971148509165498e+01, -2.59193146099879641146e+01, 1.79258772950371181757e-01,
     2.68067772490389322072e-03 * DAYS_PER_YEAR, 1.62824170038242295431e-03 * DAYS_PER_YEAR,
     -9.51592254519715870971e-05 * DAYS_PER_YEAR, 5.15138902046611451304e-05 * SOLAR_MASS},
};

int main(int argc, char **argv) {
  int64_t n = argc > 1 ? atoll(argv[1]) : 20;
  const int64_t count = sizeof PLANETS / sizeof *PLANETS;
  Body *bodies = calloc(count, sizeof *bodies);
  memcpy(bodies, PLANETS, sizeof PLANETS);
  double px = 0.0, py = 0.0, pz = 0.0;
  for (int64_t i = 0; i < count; i++) {
    px += bodies[i].vx * bodies[i].mass;
    py += bodies[i].vy * bodies[i].mass;
    pz += bodies[i].vz * bodies[i].mass;
  }
  bodies[0].vx = -px / SOLAR_MASS;
  bodies[0].vy = -py / SOLAR_MASS;
  bodies[0].vz = -pz / SOLAR_MASS;
  printf("%.9f\n", energy(bodies, count));
  for (int64_t i = 0; i < n; i++)
    advance(bodies, count, 0.01);
  printf("%.9f\n", energy(bodies, count));
  free(bodies);
}

package icc

// matrix is 3 × 3, by rows.
type matrix [3][3]float64

var (
	identity = matrix{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}
	// srgbD50 is what the profile of sRGB says: its primaries as seen under D50.
	srgbD50 = matrix{{0.43607, 0.38515, 0.14307}, {0.22249, 0.71687, 0.06061}, {0.01392, 0.09708, 0.71410}}
)

func (a matrix) times(b matrix) (out matrix) {
	for i := range 3 {
		for j := range 3 {
			for k := range 3 {
				out[i][j] += a[i][k] * b[k][j]
			}
		}
	}
	return out
}

func (a matrix) inverse() (out matrix) {
	minor := func(r0, r1, c0, c1 int) float64 { return a[r0][c0]*a[r1][c1] - a[r0][c1]*a[r1][c0] }
	det := a[0][0]*minor(1, 2, 1, 2) - a[0][1]*minor(1, 2, 0, 2) + a[0][2]*minor(1, 2, 0, 1)
	for i := range 3 {
		for j := range 3 {
			out[j][i] = minor((i+1)%3, (i+2)%3, (j+1)%3, (j+2)%3) / det
		}
	}
	return out
}

// primaryMatrix turns linear samples into XYZ, given the chromaticities of the primaries, for a white of D65.
func primaryMatrix(p [3][2]float64) matrix {
	white := [3]float64{0.3127 / 0.3290, 1, (1 - 0.3127 - 0.3290) / 0.3290}
	var m matrix
	for i, c := range p {
		m[0][i], m[1][i], m[2][i] = c[0]/c[1], 1, (1-c[0]-c[1])/c[1]
	}
	inv := m.inverse()
	for i := range 3 {
		s := inv[i][0]*white[0] + inv[i][1]*white[1] + inv[i][2]*white[2]
		for k := range 3 {
			m[k][i] *= s
		}
	}
	return m
}

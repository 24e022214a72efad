using System.Numerics.Tensors;

namespace Sightline.Search;

/// <summary>
/// Eigenvectors of a symmetric matrix: Householder reduction to tridiagonal form, then implicit QL (Golub and Van Loan, Matrix
/// Computations, 8.3), arranged so that every inner loop runs along rows.
/// </summary>
internal static class PrincipalAxes
{
    /// <param name="matrix">Row-major, n x n, symmetric; destroyed.</param>
    /// <returns>Eigenvalues, largest first, and the eigenvectors as rows in the same order.</returns>
    internal static (double[] Values, double[][] Vectors) Of(double[][] matrix)
    {
        var n = matrix.Length;
        var (diagonal, below) = (new double[n], new double[n]);
        var basis = Tridiagonalize(matrix, diagonal, below);
        Diagonalize(diagonal, below, basis);
        var order = Enumerable.Range(0, n).OrderByDescending(i => diagonal[i]).ToArray();
        return ([.. order.Select(i => diagonal[i])], [.. order.Select(i => basis[i])]);
    }

    // A = Q T Q'; returns Q' (rows are the basis), T as its diagonal and the elements below it (below[i] = T[i + 1, i]).
    private static double[][] Tridiagonalize(double[][] a, double[] diagonal, double[] below)
    {
        var n = a.Length;
        var reflectors = new double[n][];
        var w = new double[n];
        for (var k = 0; k < n - 1; k++)
        {
            // Reflect column k below the diagonal (row k right of it: A is symmetric) onto its first component.
            var v = a[k].AsSpan(k + 1).ToArray();
            var norm = TensorPrimitives.Norm<double>(v);
            diagonal[k] = a[k][k];
            below[k] = v[0] > 0 ? -norm : norm;
            v[0] -= below[k];
            var length = TensorPrimitives.Norm<double>(v);
            if (length > 0)
            {
                TensorPrimitives.Divide(v, length, v);
                Reflect(a, k + 1, v, w.AsSpan(0, v.Length));
            }

            reflectors[k] = v;
        }

        diagonal[n - 1] = a[n - 1][n - 1];
        var basis = Identity(n);
        for (var k = 0; k < n - 1; k++)
        {
            foreach (var row in basis)
            {
                var tail = row.AsSpan(k + 1);
                TensorPrimitives.MultiplyAdd(reflectors[k], -2 * TensorPrimitives.Dot<double>(reflectors[k], tail), tail, tail);
            }
        }

        return Transpose(basis);
    }

    // B <- H B H with H = I - 2 v v' on the trailing block: B - v w' - w v', w = 2 (B v - (v' B v) v).
    private static void Reflect(double[][] a, int start, double[] v, Span<double> w)
    {
        for (var i = 0; i < v.Length; i++)
        {
            w[i] = TensorPrimitives.Dot<double>(a[start + i].AsSpan(start), v);
        }

        TensorPrimitives.MultiplyAdd(v, -TensorPrimitives.Dot<double>(v, w), w, w);
        TensorPrimitives.Multiply(w, 2, w);
        for (var i = 0; i < v.Length; i++)
        {
            var row = a[start + i].AsSpan(start);
            TensorPrimitives.MultiplyAdd(w, -v[i], row, row);
            TensorPrimitives.MultiplyAdd(v, -w[i], row, row);
        }
    }

    private static void Diagonalize(double[] d, double[] e, double[][] basis)
    {
        var n = d.Length;
        e[n - 1] = 0;
        var swap = new double[n];
        for (var l = 0; l < n; l++)
        {
            for (var sweep = 0; ; sweep++)
            {
                var m = l;
                while (m < n - 1 && Math.Abs(e[m]) > double.Epsilon + 1e-15 * (Math.Abs(d[m]) + Math.Abs(d[m + 1])))
                {
                    m++;
                }

                if (m == l)
                {
                    break;
                }

                if (sweep == 60)
                {
                    throw new ArithmeticException($"Eigenvalue {l} of {n} does not converge: {d[l]}.");
                }

                Sweep(d, e, basis, l, m, swap);
            }
        }
    }

    // One implicit QL step with Wilkinson's shift on the unreduced block l..m.
    private static void Sweep(double[] d, double[] e, double[][] basis, int l, int m, double[] swap)
    {
        var g = (d[l + 1] - d[l]) / (2 * e[l]);
        var r = Math.Sqrt(g * g + 1);
        g = d[m] - d[l] + e[l] / (g + (g < 0 ? -r : r));
        var (s, c, p) = (1.0, 1.0, 0.0);
        for (var i = m - 1; i >= l; i--)
        {
            var (f, b) = (s * e[i], c * e[i]);
            r = Math.Sqrt(f * f + g * g);
            e[i + 1] = r;
            if (r == 0)
            {
                d[i + 1] -= p;
                e[m] = 0;
                return;
            }

            (s, c) = (f / r, g / r);
            g = d[i + 1] - p;
            r = (d[i] - g) * s + 2 * c * b;
            p = s * r;
            d[i + 1] = g + p;
            g = c * r - b;
            Rotate(basis[i], basis[i + 1], c, s, swap);
        }

        d[l] -= p;
        e[l] = g;
        e[m] = 0;
    }

    // (x, y) <- (c x - s y, s x + c y)
    private static void Rotate(double[] x, double[] y, double c, double s, double[] swap)
    {
        TensorPrimitives.Multiply(x, s, swap);
        TensorPrimitives.Multiply(x, c, x);
        TensorPrimitives.MultiplyAdd(y, -s, x, x);
        TensorPrimitives.MultiplyAdd(y, c, swap, y);
    }

    private static double[][] Identity(int n)
    {
        var rows = new double[n][];
        for (var i = 0; i < n; i++)
        {
            rows[i] = new double[n];
            rows[i][i] = 1;
        }

        return rows;
    }

    private static double[][] Transpose(double[][] matrix) =>
        [.. Enumerable.Range(0, matrix.Length).Select(column => matrix.Select(row => row[column]).ToArray())];
}

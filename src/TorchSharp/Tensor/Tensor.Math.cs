using TorchSharp.Native;

namespace TorchSharp;

public static partial class torch
{
    // Arithmetic, comparison, reduction.
    public partial class Tensor
    {
        public static Tensor operator +(Tensor left, Tensor right) => left.add(right);

        public static Tensor operator +(Tensor left, Scalar right) => left.add(right);

        public static Tensor operator -(Tensor left, Tensor right) => left.sub(right);

        public static Tensor operator -(Tensor left, Scalar right) => left.sub(right);

        public static Tensor operator -(Tensor tensor) => Ops.Neg.Call(tensor);

        public static Tensor operator *(Tensor left, Tensor right) => left.mul(right);

        public static Tensor operator *(Tensor left, Scalar right) => left.mul(right);

        public static Tensor operator *(Scalar left, Tensor right) => right.mul(left);

        public static Tensor operator /(Tensor left, Tensor right) => left.div(right);

        public static Tensor operator /(Tensor left, Scalar right) => left.div(right);

        public Tensor add(Tensor target) => Ops.Add.Call(this, target);

        public Tensor add(Tensor target, Scalar alpha) => Ops.Add.Call(this, target, alpha);

        public Tensor add(Scalar scalar) => Ops.AddScalar.Call(this, scalar);

        public Tensor add_(Tensor target) => InPlace(Ops.AddInPlace, target);

        public Tensor add_(Tensor target, Scalar alpha) => InPlace(Ops.AddInPlace, target, alpha);

        public Tensor add_(Scalar scalar) => InPlace(Ops.AddScalarInPlace, scalar);

        public Tensor sub(Tensor target) => Ops.Sub.Call(this, target);

        public Tensor sub(Scalar target) => Ops.SubScalar.Call(this, target);

        public Tensor mul(Tensor target) => Ops.Mul.Call(this, target);

        public Tensor mul(Scalar target) => Ops.MulScalar.Call(this, target);

        public Tensor mul_(Tensor target) => InPlace(Ops.MulInPlace, target);

        public Tensor mul_(Scalar target) => InPlace(Ops.MulScalarInPlace, target);

        public Tensor div(Tensor target) => Ops.Div.Call(this, target);

        public Tensor div(Scalar target) => Ops.DivScalar.Call(this, target);

        public Tensor div_(Tensor target) => InPlace(Ops.DivInPlace, target);

        public Tensor div_(Scalar target) => InPlace(Ops.DivScalarInPlace, target);

        public Tensor matmul(Tensor target) => Ops.Matmul.Call(this, target);

        public Tensor mm(Tensor target) => Ops.Mm.Call(this, target);

        public Tensor bmm(Tensor batch2) => Ops.Bmm.Call(this, batch2);

        public Tensor addmm(Tensor mat1, Tensor mat2, float beta = 1, float alpha = 1) =>
            Ops.Addmm.Call(this, mat1, mat2, (double)beta, (double)alpha);

        public Tensor outer(Tensor vec2) => Ops.Outer.Call(this, vec2);

        public Tensor exp() => Ops.Exp.Call(this);

        public Tensor log() => Ops.Log.Call(this);

        public Tensor sqrt() => Ops.Sqrt.Call(this);

        public Tensor rsqrt() => Ops.Rsqrt.Call(this);

        public Tensor abs() => Ops.Abs.Call(this);

        public Tensor tanh() => Ops.Tanh.Call(this);

        public Tensor sigmoid() => Ops.Sigmoid.Call(this);

        /// <summary>To the nearest, halves to the even.</summary>
        public Tensor round(long decimals = 0L) => Ops.Round.Call(this, decimals);

        public Tensor pow(Scalar exponent) => Ops.Pow.Call(this, exponent);

        public Tensor pow(Tensor exponent) => Ops.PowTensor.Call(this, exponent);

        public Tensor clamp(Scalar? min = null, Scalar? max = null) => Ops.Clamp.Call(this, min, max);

        public Tensor clamp_(Scalar? min = null, Scalar? max = null) => InPlace(Ops.ClampInPlace, min, max);

        public Tensor maximum(Tensor other) => Ops.Maximum.Call(this, other);

        public Tensor minimum(Tensor other) => Ops.Minimum.Call(this, other);

        public Tensor sum(ScalarType? type = null) => Ops.SumAll.Call(this, type);

        public Tensor sum(long dim, bool keepdim = false, ScalarType? type = null) => sum([dim], keepdim, type);

        public Tensor sum(long[] dim, bool keepdim = false, ScalarType? type = null) => Ops.Sum.Call(this, dim, keepdim, type);

        public Tensor mean() => Ops.MeanAll.Call(this);

        public Tensor mean(long[] dimensions, bool keepdim = false, ScalarType? type = null) =>
            Ops.Mean.Call(this, dimensions, keepdim, type);

        public Tensor std(bool unbiased = true) => Ops.StdAll.Call(this, unbiased);

        public Tensor max() => Ops.MaxAll.Call(this);

        public Tensor max(Tensor other) => maximum(other);

        public Tensor min() => Ops.MinAll.Call(this);

        public Tensor min(Tensor other) => minimum(other);

        public Tensor amax(params long[] dims) => Ops.Amax.Call(this, dims);

        public Tensor amin(params long[] dims) => Ops.Amin.Call(this, dims);

        public Tensor argmax() => Ops.ArgmaxAll.Call(this);

        public Tensor argmax(long dim, bool keepdim = false) => Ops.Argmax.Call(this, dim, keepdim);

        public Tensor argsort(long dim = -1, bool descending = false) => Ops.Argsort.Call(this, dim, descending);

        public Tensor norm(float p = 2.0f) => Ops.Norm.Call(this, (double)p);

        public Tensor norm(int dim, bool keepdim = false, float p = 2.0f) => Ops.NormDim.Call(this, (double)p, new long[] { dim }, keepdim);

        public Tensor softmax(long dim, ScalarType? dtype = null) => Ops.Softmax.Call(this, dim, dtype);

        public Tensor cumsum(long dim, ScalarType? type = null) => Ops.Cumsum.Call(this, dim, type);

        public Tensor tril(long diagonal = 0) => Ops.Tril.Call(this, diagonal);

        public Tensor triu(long diagonal = 0) => Ops.Triu.Call(this, diagonal);

        public Tensor eq(Tensor target) => Ops.Eq.Call(this, target);

        public Tensor eq(Scalar target) => Ops.EqScalar.Call(this, target);

        public Tensor ne(Tensor target) => Ops.Ne.Call(this, target);

        public Tensor ne(Scalar target) => Ops.NeScalar.Call(this, target);

        public Tensor lt(Tensor target) => Ops.Lt.Call(this, target);

        public Tensor lt(Scalar target) => Ops.LtScalar.Call(this, target);

        public Tensor le(Tensor target) => Ops.Le.Call(this, target);

        public Tensor le(Scalar target) => Ops.LeScalar.Call(this, target);

        public Tensor gt(Tensor target) => Ops.Gt.Call(this, target);

        public Tensor gt(Scalar target) => Ops.GtScalar.Call(this, target);

        public Tensor ge(Tensor target) => Ops.Ge.Call(this, target);

        public Tensor ge(Scalar target) => Ops.GeScalar.Call(this, target);

        public Tensor logical_and(Tensor other) => Ops.LogicalAnd.Call(this, other);

        public Tensor logical_not() => Ops.LogicalNot.Call(this);

        public Tensor all() => Ops.All.Call(this);

        public Tensor any() => Ops.Any.Call(this);

        public Tensor masked_fill(Tensor mask, Scalar value) => Ops.MaskedFill.Call(this, mask, value);

        public Tensor masked_fill_(Tensor mask, Scalar value) => InPlace(Ops.MaskedFillInPlace, mask, value);

        public Tensor multinomial(long num_samples, bool replacement = false, Generator? generator = null) =>
            Ops.Multinomial.Call(this, num_samples, replacement, generator);

        public Tensor fill_(Scalar value) => InPlace(Ops.FillInPlace, value);

        public Tensor zero_() => InPlace(Ops.ZeroInPlace);

        public Tensor normal_(double mean = 0, double stddev = 1, Generator? generator = null) =>
            InPlace(Ops.NormalInPlace, mean, stddev, generator);

        public Tensor uniform_(double from, double to, Generator? generator = null) => InPlace(Ops.UniformInPlace, from, to, generator);

        internal Tensor InPlace(Operator op, Argument first = default, Argument second = default, Argument third = default)
        {
            // An operator that takes fewer arguments than three is given as many as are set; none of these takes "none" last.
            var given = third.Kind != ValueKind.None ? 3 : second.Kind != ValueKind.None ? 2 : first.Kind != ValueKind.None ? 1 : 0;
            op.CallInPlace(new Argument[] { this, first, second, third }.AsSpan(0, given + 1));
            return this;
        }
    }
}

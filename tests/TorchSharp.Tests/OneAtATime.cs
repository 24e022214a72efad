// The count of live tensors belongs to the process: no test may make any while another counts.
[assembly: CollectionBehavior(DisableTestParallelization = true)]

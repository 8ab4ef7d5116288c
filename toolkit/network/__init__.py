"""The network: a recurrent layer, fast on a CPU, between an input matrix and a dense softmax."""

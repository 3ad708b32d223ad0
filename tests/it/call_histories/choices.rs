//! Random choices that a seed repeats.

use fastrand::Rng;

#[derive(Debug, Clone)]
pub(super) struct Choices(Rng);

impl Choices {
    pub(super) fn new(seed: u64) -> Self {
        Self(Rng::with_seed(seed))
    }

    /// Choices of its own for one of several that work at the same time.
    pub(super) fn of(seed: u64, index: usize) -> Self {
        let mut seeds = Rng::with_seed(seed);
        let mut own = seeds.fork();
        for _ in 0..index {
            own = seeds.fork();
        }
        Self(own)
    }

    /// A number below a limit that is not 0.
    pub(super) fn below(&mut self, limit: usize) -> usize {
        self.0.usize(..limit)
    }

    /// One of several, each as often as its weight says.
    pub(super) fn weighted<T: Copy>(&mut self, among: &[(T, usize)]) -> T {
        let mut left = self.below(among.iter().map(|(_, weight)| weight).sum());
        for (one, weight) in among {
            if left < *weight {
                return *one;
            }
            left -= weight;
        }
        unreachable!("the weights add up to the limit")
    }
}

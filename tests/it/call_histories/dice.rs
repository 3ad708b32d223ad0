//! Random choices that a seed repeats.

/// The generator `SplitMix64` (Steele, Lea and Flood 2014), whose numbers follow from the seed alone.
#[derive(Debug, Clone)]
pub(super) struct Dice(u64);

impl Dice {
    pub(super) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A generator of its own for one of several that work at the same time.
    pub(super) fn of(seed: u64, index: usize) -> Self {
        let mut dice = Self(seed ^ u64::try_from(index + 1).unwrap().wrapping_mul(0x9E37_79B9_7F4A_7C15));
        dice.next();
        dice
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number below a limit that is not 0.
    pub(super) fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(limit).unwrap()).unwrap()
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

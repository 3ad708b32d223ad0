// An estimate of how hard a password is to guess, made in the browser from the password alone. It is a hint; the
// service decides when the password is sent.

/** The bits that an unpredictable character adds. Letters and digits in a row are words and years, and add less. */
const BITS = [
  [/\p{L}/u, 3.2],
  [/\p{N}/u, 2.8],
  [/./u, 5],
];
/** The bits of a character that repeats or continues the one before, as in `aaaa` or `2345`. */
const BITS_IN_A_ROW = 0.7;
/** The bits from which a password is fair, good and very good. */
const LEVELS = [28, 42, 56];

/** The strength from 0, weak, to 3, very good. */
export function strength(password) {
  const characters = [...password];
  let bits = 0;
  characters.forEach((character, index) => {
    const step = index === 0 ? Infinity : character.codePointAt(0) - characters[index - 1].codePointAt(0);
    // A repeated part, such as the second half of `gumegume`, adds as little.
    const lastThree = characters.slice(Math.max(index - 2, 0), index + 1).join("");
    const isKnown = index > 2 && characters.slice(0, index).join("").includes(lastThree);
    bits += Math.abs(step) <= 1 || isKnown ? BITS_IN_A_ROW : BITS.find(([kind]) => kind.test(character))[1];
  });
  return LEVELS.filter((level) => bits >= level).length;
}

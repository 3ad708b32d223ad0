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
/** What the service refuses where little else is left, and what people choose most. It adds nothing. */
const KNOWN = [
  "and42rej", "stahlgruber", "stakis", "topmotive", "password", "passwort", "zaporka", "lozinka", "geslo", "qwertz", "qwerty",
  "asdfgh", "yxcvbn", "zxcvbn", "welcome", "willkommen", "dobrodosli", "letmein", "iloveyou", "administrator", "admin", "master",
  "dragon", "monkey", "sunshine", "princess", "football", "baseball", "charlie", "superman", "slovenija", "ljubljana", "maribor",
  "delavnica", "werkstatt", "radionica", "abcdef", "abc123", "a1b2c3", "q1w2e3", "1q2w3e", "changeme", "computer", "internet",
];
/** Letters that people write as other characters, as the service reads them. */
const LEET = { 0: "o", 1: "i", 2: "z", 3: "e", 4: "a", 5: "s", 7: "t", "@": "a", "€": "e", "$": "s", "!": "i" };

/** The fewest characters that a password needs beside what is known. */
const FEWEST_OTHERS = 4;
/** The shortest word of the context that counts. */
const SHORTEST_WORD = 4;

const plain = (text) => [...text.toLowerCase()].map((character) => LEET[character] ?? character).join("");

/** The characters of the password that are left once everything known is cut out. */
function withoutKnown(password, context) {
  let rest = [...password];
  for (const word of [...KNOWN, ...context.filter((word) => word.length >= SHORTEST_WORD)]) {
    const at = plain(rest.join("")).indexOf(plain(word));
    if (at >= 0) rest = [...rest.slice(0, at), ...rest.slice(at + [...word].length)];
  }
  return rest;
}

/** The strength from 0, weak, to 3, very good. `context` are words that belong to the customer or to the service. */
export function strength(password, context) {
  const characters = withoutKnown(password, context);
  if (characters.length < FEWEST_OTHERS) return 0;
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

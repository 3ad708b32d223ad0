// Dates and times in the language of the page.

const language = document.documentElement.lang;
// Slovenian and Croatian write dates in numbers: after a preposition a month's name would take another ending.
const dates = ["sl", "hr"].includes(language) ? { day: "numeric", month: "numeric", year: "numeric" } : { day: "numeric", month: "long", year: "numeric" };
const times = { hour: "numeric", minute: "2-digit" };
const locale = language === "en" ? "en-GB" : language;
const ofMoment = new Intl.DateTimeFormat(locale, { ...dates, ...times });
const ofDay = new Intl.DateTimeFormat(locale, dates);

/** The date and the time of an instant of the API. */
export const moment = (instant) => ofMoment.format(new Date(instant));

/** The date of an instant of the API. */
export const day = (instant) => ofDay.format(new Date(instant));

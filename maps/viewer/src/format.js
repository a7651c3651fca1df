// Numbers and codes as people read them.
// A formatter is dear to make and cheap to use, so each is made once.
const made = new Map();
function formatter(most, least) {
  const key = 10 * most + least;
  if (!made.has(key)) made.set(key, new Intl.NumberFormat("en", {maximumFractionDigits: most, minimumFractionDigits: least}));
  return made.get(key);
}
const plain = (digits) => formatter(digits, 0);
const fixed = (digits) => formatter(digits, digits);

/** Half of the last digit that is ever shown. */
const SMALLEST = 5e-7;

/** Without the last digits, in which sums of the same numbers differ: a tie must not be rounded up here and down there. */
const steady = (value) => (Math.abs(value) < 1e6 ? Number(value.toPrecision(7)) : value);

/** Three digits that matter: 123, 45.6, 0.789. */
export function number(exact) {
  const value = steady(exact), size = Math.abs(value);
  if (size < SMALLEST) return "0"; // also what rounding left, which would read as −0
  if (size >= 99.95) return plain(0).format(value);
  if (size >= 9.995) return plain(1).format(value);
  if (size >= 0.9995) return plain(2).format(value);
  return plain(Math.min(6, 2 - Math.floor(Math.log10(size)))).format(value);
}

/** Million chips as whole chips. */
export const chipCount = (million) => plain(0).format(million * 1e6);

/** B USD as $1.23 tn, $45.6 bn or $0.78 bn. */
export function money(busd) {
  if (busd === 0) return "$0";
  const sign = busd < 0 ? "−" : "";
  const size = Math.abs(steady(busd));
  if (size >= 999.5) return `${sign}$${fixed(2).format(size / 1000)} tn`;
  if (size >= 99.95) return `${sign}$${fixed(0).format(size)} bn`;
  return `${sign}$${fixed(size >= 9.95 ? 1 : 2).format(size)} bn`;
}

/** With its sign, for differences. */
export const signed = (value) => (value > 0 ? `+${number(value)}` : value < 0 ? `−${number(-value)}` : "0");
export const signedMoney = (busd) => (busd > 0 ? `+${money(busd)}` : money(busd));

/** A difference of shares, in percentage points. */
export const signedPoints = (share) => `${signed(100 * share)} points`;

/** Ticks of an axis: 20, 1,500, 400k. */
export const tick = (value) => (Math.abs(value) >= 100000 ? `${number(value / 1000)}k` : number(value));

/** Trillions of tokens, in quadrillions when there are many. */
export const tokens = (trillion) => (trillion >= 9999.5 ? `${number(trillion / 1000)} quadrillion` : `${number(trillion)} trillion`);

export const percent = (share, digits = 0) => `${fixed(digits).format(100 * share)} %`;

const UNITS = {
  busd: "B USD", gw: "GW", mt: "Mt CO₂", million_m3: "million m³", chips_million: "million chips",
  h100e_million: "million H100e", h100e_million_years: "million H100e-years",
  tpp_million_h100: "million H100 of TPP", gb300e_million: "million GB300e", capital_busd: "B USD",
};
export const unit = (code) => UNITS[code] ?? code.replaceAll("_", " ");
export const words = (code) => code.replaceAll("_", " ");

const OUTCOMES = {
  new: "new in this plan", committed: "committed", extended: "committed, extended by this plan",
  not_chosen: "not chosen",
};
export const outcome = (code) => OUTCOMES[code] ?? words(code);

const STATUS = {
  optimal: "optimal within the gap asked", feasible: "feasible, not proven best",
  infeasible: "infeasible", no_plan: "no plan",
};
export const status = (code) => STATUS[code] ?? words(code);

export const plural = (count, one, many) => `${plain(Number.isInteger(count) ? 0 : 2).format(count)} ${count === 1 ? one : many}`;

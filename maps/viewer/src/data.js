// The plan and the basemap, read once from the page. Every number was computed in Python; here they are only shown.
const read = (id) => JSON.parse(document.getElementById(id).textContent);

export const plan = read("plan-data");
export const basemap = read("basemap-data");
export const years = plan.years;
export const lastYear = years[years.length - 1];
export const siteById = new Map(plan.sites.map((site) => [site.site, site]));
export const families = plan.palette.families;

/** Position of a year in every yearly list. */
export const indexOf = (year) => years.indexOf(year);

export const sum = (values) => values.reduce((total, value) => total + value, 0);

/** Sites with capacity on line at the end of a year. */
export const onlineSites = (year) => plan.sites.filter((site) => site.online_gw[indexOf(year)] > 0);

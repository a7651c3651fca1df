"""Blocs, latency zones and markets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Bloc(StrEnum):
    """Groups of countries used in reports and in rules of thumb."""

    US = "US"
    CANADA = "Canada"
    LATIN_AMERICA = "Latin-America"
    EU = "EU"
    UK = "UK"
    NORDICS = "Nordics"
    GULF = "Gulf"
    MIDDLE_EAST = "Middle-East"
    INDIA = "India"
    JAPAN_KOREA = "Japan-Korea"
    SOUTH_EAST_ASIA = "South-East-Asia"
    AUSTRALIA = "Australia"
    CHINA = "China"
    CENTRAL_ASIA = "Central-Asia"
    AFRICA = "Africa"


_MEMBERS: Mapping[Bloc, str] = {
    Bloc.US: "USA", Bloc.CANADA: "CAN", Bloc.LATIN_AMERICA: "MEX BRA CHL ARG PRY",
    Bloc.EU: "FRA DEU ESP PRT ITA POL IRL NLD", Bloc.UK: "GBR", Bloc.NORDICS: "NOR SWE FIN DNK ISL",
    Bloc.GULF: "ARE SAU QAT KWT OMN", Bloc.MIDDLE_EAST: "ISR EGY", Bloc.INDIA: "IND", Bloc.JAPAN_KOREA: "JPN KOR",
    Bloc.SOUTH_EAST_ASIA: "MYS IDN THA", Bloc.AUSTRALIA: "AUS", Bloc.CHINA: "CHN", Bloc.CENTRAL_ASIA: "KAZ UZB",
    Bloc.AFRICA: "KEN MAR ZAF",
}  # fmt: skip
BLOC_OF_COUNTRY: Mapping[str, Bloc] = {country: bloc for bloc, text in _MEMBERS.items() for country in text.split()}

_ZONES: Mapping[str, str] = {
    "us-texas": "US-ERCOT", "us-plains": "US-SPP", "us-lakes": "US-MISO-C US-MISO-N", "us-south": "US-MISO-S US-TVA",
    "us-ohio-valley": "US-PJM-W", "us-atlantic": "US-PJM-DOM US-PJM-E US-NYISO", "us-southeast": "US-SOCO US-DUKE",
    "us-southwest": "US-WECC-AZ US-WECC-NM", "us-mountain": "US-WECC-UT US-WECC-NV US-WECC-NW",
    "canada-west": "CA-AB", "canada-east": "CA-QC", "mexico": "MX", "brazil-south": "BR-SE PY", "brazil-north": "BR-NE",
    "southern-cone": "CL AR", "british-isles": "GB IE", "france-benelux": "FR NL", "central-europe": "DE PL DK IT",
    "iberia-morocco": "ES PT MA", "nordic-south": "NO2 SE3", "nordic-north": "NO4 SE12", "finland": "FI",
    "iceland": "IS",
    "gulf": "AE QA KW OM SA", "levant": "IL EG", "india-west": "IN-W", "india-east": "IN-S", "strait": "MY ID-BATAM",
    "thailand": "TH", "japan": "JP-TOKYO JP-N", "korea": "KR", "australia": "AU-NEM AU-TAS", "china-north": "CN-NW",
    "china-south": "CN-SW CN-E", "central-asia": "KZ UZ", "africa-east-south": "KE ZA",
}  # fmt: skip
ZONE_OF_REGION: Mapping[str, str] = {region: zone for zone, text in _ZONES.items() for region in text.split()}


@dataclass(frozen=True)
class Market:
    """A demand region: where it is, what it buys, and its shares of demand outside China (of 83 points).

    Shares follow token_demand_region_share of costs.csv, split within its regions by judgement.
    """

    region: str
    name: str
    latitude: float
    longitude: float
    stacks: str
    share: float
    training_share: float = 0.0


MARKETS: tuple[Market, ...] = (
    Market("us_east", "US East", 39.0, -77.5, "us", 15),
    Market("us_central", "US Central", 32.8, -96.8, "us", 10, 0.66),
    Market("us_west", "US West", 37.4, -122.0, "us", 10),
    Market("canada", "Canada", 45.5, -73.6, "us", 3),
    Market("uk_ireland", "United Kingdom and Ireland", 51.5, -0.1, "us", 5),
    Market("eu_west", "France and Benelux", 48.9, 2.4, "us", 5, 0.12),
    Market("eu_central", "Germany and Central Europe", 50.1, 8.7, "us", 5.5),
    Market("eu_south", "Southern Europe", 41.9, 9.0, "us", 2.5),
    Market("nordics", "Nordics", 59.3, 18.0, "us", 2),
    Market("india", "India and South Asia", 19.1, 72.9, "us", 8, 0.04),
    Market("japan", "Japan", 35.7, 139.7, "us", 3.5, 0.09),
    Market("korea_taiwan", "Korea and Taiwan", 37.5, 127.0, "us", 2.5),
    Market("south_east_asia", "South-East Asia", 1.3, 103.8, "us;cn", 3),
    Market("australia", "Australia and New Zealand", -33.9, 151.2, "us", 2),
    Market("brazil", "Brazil", -23.5, -46.6, "us;cn", 1.5),
    Market("mexico", "Mexico and Central America", 19.4, -99.1, "us;cn", 0.8),
    Market("southern_cone", "Southern Cone", -33.4, -70.6, "us;cn", 0.7),
    Market("gulf", "Gulf and Middle East", 25.2, 55.3, "us;cn", 2, 0.09),
    Market("africa", "Africa", -1.3, 36.8, "us;cn", 1),
    Market("china", "China", 31.2, 121.5, "us;cn", 0.0),
)

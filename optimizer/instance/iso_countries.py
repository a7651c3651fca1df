"""Country codes, and the boxes of longitude and latitude in which each country lies.

The codes are those of ISO 3166-1 alpha-3, with the user-assigned XKX (Kosovo). The boxes come from Natural Earth
1:50m (public domain), rounded outward to whole degrees; parts of a country more than 4 degrees apart have boxes of
their own. They serve to find coordinates with swapped or missing signs, not to draw anything.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Final

_CODES: Final = """
ABW AFG AGO AIA ALA ALB AND ARE ARG ARM ASM ATA ATF ATG AUS AUT AZE BDI BEL BEN BES BFA BGD BGR BHR BHS BIH BLM BLR
BLZ BMU BOL BRA BRB BRN BTN BVT BWA CAF CAN CCK CHE CHL CHN CIV CMR COD COG COK COL COM CPV CRI CUB CUW CXR CYM CYP
CZE DEU DJI DMA DNK DOM DZA ECU EGY ERI ESH ESP EST ETH FIN FJI FLK FRA FRO FSM GAB GBR GEO GGY GHA GIB GIN GLP GMB
GNB GNQ GRC GRD GRL GTM GUF GUM GUY HKG HMD HND HRV HTI HUN IDN IMN IND IOT IRL IRN IRQ ISL ISR ITA JAM JEY JOR JPN
KAZ KEN KGZ KHM KIR KNA KOR KWT LAO LBN LBR LBY LCA LIE LKA LSO LTU LUX LVA MAC MAF MAR MCO MDA MDG MDV MEX MHL MKD
MLI MLT MMR MNE MNG MNP MOZ MRT MSR MTQ MUS MWI MYS MYT NAM NCL NER NFK NGA NIC NIU NLD NOR NPL NRU NZL OMN PAK PAN
PCN PER PHL PLW PNG POL PRI PRK PRT PRY PSE PYF QAT REU ROU RUS RWA SAU SDN SEN SGP SGS SHN SJM SLB SLE SLV SMR SOM
SPM SRB SSD STP SUR SVK SVN SWE SWZ SXM SYC SYR TCA TCD TGO THA TJK TKL TKM TLS TON TTO TUN TUR TUV TWN TZA UGA UKR
UMI URY USA UZB VAT VCT VEN VGB VIR VNM VUT WLF WSM XKX YEM ZAF ZMB ZWE
"""

#: Every code that a country may have.
ISO_CODES: Final = frozenset(_CODES.split())

_BOXES: Final = """
ABW -71 12 -69 13
AFG 60 29 75 39
AGO 11 -19 25 -4
AIA -64 18 -62 19
ALA 19 60 21 61
ALB 19 39 22 43
AND 1 42 2 43
ARE 51 22 57 27
ARG -74 -56 -53 -21
ARM 43 38 47 42
ASM -171 -15 -170 -14
ATF 68 -50 71 -48 / 51 -47 52 -46
ATG -62 16 -61 18
AUS 112 -44 154 -10 / 158 -55 159 -54
AUT 9 46 18 49
AZE 44 38 51 42
BDI 29 -5 31 -2
BEL 2 49 7 52
BEN 0 6 4 13
BFA -6 9 3 16
BGD 88 20 93 27
BGR 22 41 29 45
BHR 50 25 51 27
BHS -79 20 -72 27
BIH 15 42 20 46
BLM -63 17 -62 18
BLR 23 51 33 57
BLZ -90 15 -87 19
BMU -65 32 -64 33
BOL -70 -23 -57 -9
BRA -75 -34 -34 6
BRB -60 13 -59 14
BRN 114 4 116 6
BTN 88 26 93 29
BWA 19 -27 30 -17
CAF 14 2 28 11
CAN -142 41 -52 84
CHE 5 45 11 48
CHL -110 -28 -109 -27 / -79 -56 -66 -17
CHN 73 18 135 54
CIV -9 4 -2 11
CMR 8 1 17 14
COD 12 -14 32 6
COG 11 -6 19 4
COK -160 -22 -159 -21
COL -80 -5 -66 13
COM 43 -13 45 -11
CPV -26 14 -22 18
CRI -86 8 -82 12
CUB -85 19 -74 24
CUW -70 12 -68 13
CYM -82 19 -79 20
CYP 32 34 35 36
CZE 12 48 19 52
DEU 5 47 16 56
DJI 41 10 44 13
DMA -62 15 -61 16
DNK 8 54 16 58
DOM -72 17 -68 20
DZA -9 18 12 38
ECU -81 -5 -75 2 / -92 -2 -89 1
EGY 24 21 37 32
ERI 36 12 44 19
ESH -18 20 -8 28
ESP -10 36 5 44 / -19 27 -13 30
EST 21 57 29 60
ETH 32 3 48 15
FIN 20 59 32 71
FJI 174 -22 180 -12 / -180 -21 -178 -16
FLK -62 -53 -57 -51
FRA -5 41 10 52 / 45 -13 46 -12 / 55 -22 56 -20 / -62 14 -60 17 / -55 2 -51 6
FRO -8 61 -6 63
FSM 162 5 163 6 / 138 9 139 10 / 151 7 152 8 / 158 6 159 7
GAB 8 -4 15 3
GBR -9 50 2 61
GEO 39 41 47 44
GGY -3 49 -2 50
GHA -4 4 2 12
GIB -6 36 -5 37
GIN -16 7 -7 13
GLP -62 15 -61 17
GMB -17 13 -13 14
GNB -17 10 -13 13
GNQ 8 0 12 4
GRC 19 34 29 42
GRD -62 12 -61 13
GRL -73 59 -11 84
GTM -93 13 -88 18
GUF -55 2 -51 6
GUM 144 13 145 14
GUY -62 1 -56 9
HKG 113 22 115 23
HMD 73 -54 74 -52
HND -90 12 -83 17
HRV 13 42 20 47
HTI -75 18 -71 21
HUN 16 45 23 49
IDN 95 -11 141 6
IMN -5 54 -4 55
IND 68 6 98 36
IOT 72 -8 73 -7
IRL -11 51 -6 56
IRN 44 25 64 40
IRQ 38 29 49 38
ISL -25 63 -13 67
ISR 34 29 36 34
ITA 6 36 19 48
JAM -79 17 -76 19
JEY -3 49 -2 50
JOR 34 29 40 34
JPN 123 24 146 46
KAZ 46 40 88 56
KEN 33 -5 42 6
KGZ 69 39 81 44
KHM 102 10 108 15
KIR 169 -2 175 4 / -175 -5 -171 -2 / -156 -6 -154 -4 / -152 -12 -151 -11 / -160 1 -157 4
KNA -63 17 -62 18
KOR 126 33 131 39
KWT 46 28 49 31
LAO 100 13 108 23
LBN 35 33 37 35
LBR -12 4 -7 9
LBY 9 19 26 34
LCA -62 13 -60 15
LIE 9 47 10 48
LKA 79 5 82 10
LSO 27 -31 30 -28
LTU 20 53 27 57
LUX 5 49 7 51
LVA 21 55 29 59
MAC 113 22 114 23
MAF -64 18 -63 19
MAR -18 21 -1 36
MCO 7 43 8 44
MDA 26 45 31 49
MDG 43 -26 51 -12
MDV 73 3 74 5
MEX -119 14 -86 33
MHL 166 5 172 12
MKD 20 40 24 43
MLI -13 10 5 25
MLT 14 35 15 37
MMR 92 9 102 29
MNE 18 41 21 44
MNG 87 41 120 53
MNP 145 14 146 19
MOZ 30 -27 41 -10
MRT -18 14 -4 28
MSR -63 16 -62 17
MTQ -62 14 -60 15
MUS 57 -21 58 -19
MWI 32 -18 36 -9
MYS 99 1 105 7 / 109 0 120 8
MYT 45 -13 46 -12
NAM 11 -29 26 -16
NCL 164 -23 169 -20 / 159 -20 160 -19
NER 0 11 16 24
NFK 167 -30 168 -29
NGA 2 4 15 14
NIC -88 10 -83 16
NIU -170 -20 -169 -18
NLD 3 50 8 54 / -69 12 -68 13 / -64 17 -62 18
NOR 4 58 34 81 / -10 70 -7 72
NPL 80 26 89 31
NRU 166 -1 167 0
NZL 165 -53 179 -34 / -177 -45 -176 -43 / -173 -10 -171 -8
OMN 51 16 60 27
PAK 60 23 78 38
PAN -84 7 -77 10
PCN -129 -25 -128 -24
PER -82 -19 -68 0
PHL 116 5 127 21
PLW 131 3 132 4 / 134 7 135 8
PNG 140 -12 156 -1
POL 14 49 25 55
PRI -68 17 -65 19
PRK 124 37 131 43
PRT -18 32 -16 33 / -10 37 -6 43 / -32 36 -25 40
PRY -63 -28 -54 -19
PSE 34 31 36 33
PYF -152 -21 -136 -15 / -141 -11 -138 -8
QAT 50 24 52 27
REU 55 -22 56 -20
ROU 20 43 30 49
RUS 27 41 180 82 / -180 64 -169 72 / 19 54 23 56
RWA 28 -3 31 -1
SAU 34 16 56 33
SDN 21 8 39 23
SEN -18 12 -11 17
SGP 103 1 104 2
SGS -27 -59 -26 -58 / -39 -55 -35 -53
SHN -6 -17 -5 -15 / -15 -8 -14 -7
SLB 155 -12 167 -6
SLE -14 6 -10 10
SLV -91 13 -87 15
SMR 12 43 13 44
SOM 40 -2 52 12
SPM -57 46 -56 48
SRB 18 42 23 47
SSD 24 3 36 13
STP 6 0 8 2
SUR -59 1 -54 6
SVK 16 47 23 50
SVN 13 45 17 47
SWE 11 55 25 70
SWZ 30 -28 33 -25
SXM -64 18 -63 19
SYC 55 -5 56 -4
SYR 35 32 43 38
TCA -73 21 -71 22
TCD 13 7 24 24
TGO -1 6 2 12
THA 97 5 106 21
TJK 67 36 76 42
TKM 52 35 67 43
TLS 124 -10 128 -8
TON -176 -22 -173 -18
TTO -62 10 -60 12
TUN 7 30 12 38
TUR 25 35 45 43
TUV 179 -9 180 -8
TWN 118 21 122 26
TZA 29 -12 41 0
UGA 29 -2 35 5
UKR 22 45 41 53
URY -59 -35 -53 -30
USA -179 51 -130 72 / 172 51 180 54 / -161 18 -154 23 / -125 24 -66 50
UZB 55 37 74 46
VAT 12 41 13 42
VCT -62 12 -61 14
VEN -74 0 -59 13
VGB -65 18 -64 19
VIR -66 17 -64 19
VNM 102 8 110 24
VUT 166 -21 170 -13
WLF -179 -15 -176 -13
WSM -173 -15 -171 -13
XKX 20 41 22 44
YEM 42 12 55 19
ZAF 16 -35 33 -22 / 37 -47 38 -46
ZMB 21 -19 34 -8
ZWE 25 -23 34 -15
"""


@dataclass(frozen=True, slots=True)
class Box:
    """A box of degrees."""

    west: float
    south: float
    east: float
    north: float

    def contains(self, longitude: float, latitude: float, margin: float = 0.5) -> bool:
        """Whether a point lies in the box, or at most ``margin`` degrees outside."""
        return (
            self.west - margin <= longitude <= self.east + margin
            and self.south - margin <= latitude <= self.north + margin
        )


@cache
def _boxes() -> dict[str, tuple[Box, ...]]:
    boxes: dict[str, tuple[Box, ...]] = {}
    for line in _BOXES.strip().splitlines():
        code, _, numbers = line.partition(" ")
        boxes[code] = tuple(Box(*(float(number) for number in box.split())) for box in numbers.split(" / "))
    return boxes


def lies_in(country: str, longitude: float, latitude: float) -> bool:
    """Whether a point lies in one of the country's boxes; True for a country without a box."""
    boxes = _boxes().get(country)
    return boxes is None or any(box.contains(longitude, latitude) for box in boxes)

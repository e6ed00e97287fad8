"""Where people live: forward sortation areas of Canada with their city and area codes, and the streets in them."""

from functools import cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from fraud.rules.people import draws

# City, province, thousands of people, area codes: FSAs. Own compilation; a place has 3 to 10 of its FSAs.
_CITIES = """
Toronto ON 2800 416,647,437: M1B M1P M2N M3C M4C M4Y M5A M5V M6G M6K M8V M9W
Mississauga ON 720 905,289,365: L4Z L5B L5M L5N L5R
Brampton ON 660 905,289,365: L6P L6R L6X L6Y L7A
Hamilton ON 570 905,289,365: L8E L8P L8S L9A L9C
Ottawa ON 1020 613,343: K1K K1N K1S K1V K2C K2G K2J K4A
London ON 420 519,226,548: N5V N5Y N6A N6G N6K
Markham ON 340 905,289,365: L3R L3S L6B L6C
Vaughan ON 320 905,289,365: L4H L4J L4L L6A
Kitchener ON 260 519,226,548: N2A N2C N2E N2M
Windsor ON 230 519,226,548: N8W N8X N9A N9E
Barrie ON 150 705,249,683: L4M L4N L9J
Kingston ON 130 613,343: K7K K7L K7M
Sudbury ON 165 705,249,683: P3A P3B P3E
Thunder_Bay ON 108 807: P7A P7B P7C
Oshawa ON 175 905,289,365: L1G L1H L1J L1K
St._Catharines ON 137 905,289,365: L2M L2N L2R
Guelph ON 144 519,226,548: N1E N1G N1H
Montréal QC 1780 514,438: H1A H1K H1X H2J H2L H2S H2X H3A H3C H3H H3W H4A H4N H8N
Laval QC 440 450,579: H7A H7G H7L H7N H7W
Québec QC 550 418,581: G1C G1G G1K G1L G1R G1V G2B
Longueuil QC 255 450,579: J4G J4H J4J J4L
Gatineau QC 291 819,873: J8P J8T J8X J9A J9H
Sherbrooke QC 173 819,873: J1E J1G J1H J1L
Trois-Rivières QC 140 819,873: G8T G8Z G9A
Saguenay QC 145 418,581: G7B G7H G7J G7X
Lévis QC 150 418,581: G6C G6V G6W
Terrebonne QC 120 450,579: J6V J6W J6X
Rimouski QC 49 418,581: G5L G5M G5N
Vancouver BC 660 604,778,236: V5K V5M V5R V5Z V6B V6E V6G V6K V6P
Surrey BC 570 604,778,236: V3R V3S V3T V3W V4A
Burnaby BC 250 604,778,236: V5B V5E V5G V5H
Richmond BC 210 604,778,236: V6V V6X V6Y V7A
Victoria BC 390 250,778,236: V8N V8P V8R V8V V9A
Kelowna BC 145 250,778,236: V1V V1W V1X V1Y
Kamloops BC 98 250,778,236: V2B V2C V2E
Calgary AB 1310 403,587,825: T1Y T2A T2E T2G T2N T2P T2Y T2Z T3A T3B T3H T3K
Edmonton AB 1010 780,587,825: T5A T5J T5K T5R T5T T6C T6E T6H T6J T6L T6R T6W
Red_Deer AB 101 403,587,825: T4N T4P T4R
Lethbridge AB 99 403,587,825: T1H T1J T1K
Winnipeg MB 750 204,431: R2C R2G R2H R2M R3B R3C R3G R3L R3T
Brandon MB 51 204,431: R7A R7B R7C
Saskatoon SK 266 306,639: S7H S7J S7K S7L S7N
Regina SK 226 306,639: S4N S4P S4R S4S S4T
Halifax NS 440 902,782: B3H B3J B3K B3L B3M B4A
Sydney NS 30 902,782: B1N B1P B1S
Moncton NB 79 506,428: E1A E1C E1E E1G
Saint_John NB 70 506,428: E2J E2K E2L E2M
Fredericton NB 63 506,428: E3A E3B E3C
Edmundston NB 17 506,428: E3V
St._John's NL 111 709,879: A1A A1B A1C A1E
Charlottetown PE 39 902,782: C1A C1C C1E
Whitehorse YT 28 867: Y1A
Yellowknife NT 20 867: X1A
Iqaluit NU 8 867: X0A
"""

# Letters that Canada Post uses in postal codes.
_LETTERS = "ABCEGHJKLMNPRSTVWXYZ"
# The last three signs of postal codes.
UNITS = np.array([f"{a}{b}{c}" for a in "123456789" for b in _LETTERS for c in "0123456789"], dtype=object)

_STREETS_EN = """
Main King Queen Church Victoria Park Elm Maple Oak Pine Cedar Birch Willow Spruce Walnut Chestnut Poplar Ash Cherry Mill
Wellington Albert George William John James Charles Edward Elizabeth Mary Dufferin Dundas Bloor Yonge Sherbourne
Jarvis Bathurst Spadina Lakeshore River Front Water Bridge Hill Station College University School Market Bay Ontario
Simcoe Brock Wolfe Nelson Waterloo Trafalgar Regent Prince Duke Earl Duchess Princess Crown Castle Mountain Valley
Meadow Forest Lakeview Sunset Sunrise Highland Glen Heather Thistle Rose Lily Robin Eagle Falcon Fox Beaver Bear Pioneer
Confederation Dominion Centennial Jubilee Coronation Memorial Legion Industrial Commerce Airport First Second Third
Fourth Fifth Sixth Seventh Eighth Ninth Tenth St._Clair St._George MacDonald Laurier Borden Pearson Diefenbaker
"""
_TYPES_EN = (
    "Street", "Street", "Street", "St", "St", "Avenue", "Avenue", "Ave", "Ave", "Road", "Rd", "Drive", "Dr", "Crescent",
    "Cres", "Court", "Lane", "Blvd", "Place", "Way", "St W", "St E", "Ave N", "Ave S",
)  # fmt: skip
_STREETS_FR = """
Principale Notre-Dame Saint-Denis Sainte-Catherine Saint-Laurent Saint-Jean Saint-Joseph Saint-Louis Saint-Pierre
Saint-Paul Sainte-Anne Sainte-Marie Saint-Hubert Saint-Charles Saint-François de_l'Église des_Érables des_Pins du_Parc
du_Moulin du_Pont de_la_Gare de_la_Rivière du_Lac de_la_Montagne des_Bouleaux des_Ormes des_Chênes des_Peupliers
Sherbrooke Papineau De_Lorimier Rachel Mont-Royal Laurier René-Lévesque Henri-Bourassa Jean-Talon Cartier Champlain
Frontenac Montcalm Lévis Maisonneuve D'Youville Marquette Jolliet Radisson Iberville Bourget Racine Talbot
Université Collège Couvent Hôpital Commerce Industrie Royale Victoria Wellington King Dufferin Alexandre Georges
"""
_TYPES_FR = ("rue", "rue", "rue", "rue", "avenue", "av.", "boulevard", "boul.", "chemin", "place")


class Places(NamedTuple):
    """One row for each FSA: which of `provinces` and cities it is in, its area codes, and how often it is drawn."""

    fsas: NDArray[Any]
    cities: NDArray[Any]
    provinces: NDArray[Any]
    area_codes: NDArray[Any]
    is_french: NDArray[np.bool_]
    table: NDArray[np.int64]


@cache
def places() -> Places:
    """Give the table of places."""
    rows = [
        (fsa, city.replace("_", " "), province, int(people) / len(fsas.split()), codes.split(","))
        for line in _CITIES.strip().splitlines()
        for (city, province, people, codes), fsas in [_parts(line)]
        for fsa in fsas.split()
    ]
    fsas, cities, provinces, weights, codes = (list(column) for column in zip(*rows, strict=True))
    return Places(
        fsas=np.array(fsas, dtype=object),
        cities=np.array(cities, dtype=object),
        provinces=np.array(provinces, dtype=object),
        # Three of each: the first, the second or the first again, the last.
        area_codes=np.array(
            [[each[0], each[min(1, len(each) - 1)], each[-1]] for each in codes], dtype=object
        ),
        is_french=np.array([province == "QC" for province in provinces]),
        table=draws.slots(weights),
    )


def _parts(line: str) -> tuple[tuple[str, str, str, str], str]:
    head, _, fsas = line.partition(": ")
    city, province, people, codes = head.split(" ")
    return (city, province, people, codes), fsas


@cache
def streets() -> tuple[NDArray[Any], NDArray[Any]]:
    """Give the streets, English and French, as they are written after a number."""
    english = [f"{name} {kind}" for name in _STREETS_EN.split() for kind in _TYPES_EN]
    french = [f"{kind} {name}" for name in _STREETS_FR.split() for kind in _TYPES_FR]
    return (
        np.array([street.replace("_", " ") for street in english], dtype=object),
        np.array([street.replace("_", " ") for street in french], dtype=object),
    )

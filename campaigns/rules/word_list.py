"""The words that no code may spell, in English, French and Spanish; kept short on purpose.

A word stands here by its first three or four letters, as much as is enough to read it; what else begins so is
skipped with it, which costs a serial number and no more. Three letters only where they are a word, or the
usual spelling without vowels: each costs about one code in two thousand.
"""

# Words may be added but never taken away: redemption looks for a skipped serial only where today's words hit.
ENGLISH = """
    ANAL ANUS ARSE BITC BOOB CLIT COCK COON CRAP CUNT DICK DYKE FAGG FAGO FUCK GOOK HEIL HITL HOMO JIZZ KIKE
    KILL NAZI NIGA NIGG PAKI PEDO PENI PISS POOP PORN PUSS RAPE SHIT SLAG SLUT SPIC TITS TURD TWAT VAGI WANK
    WHOR ASS CUM FAG FUK FUX KKK SEX
"""

FRENCH = """
    BAIS BITE BOUG BRAN CACA CHIE COND CONN COUI CUL ENCU FION FOUT GOUI MERD NEGR NICH NIQU PEDE PIPI PUTE
    SALO TEUB ZIZI
"""

SPANISH = """
    CABR CAGA CHIN COJO CONO CULO FOLL JODE MAMA MARI MIER PEND PICH PINC POLL PUTA PUTO TETA VERG ZORR
"""

# As they are written where there are no vowels.
WITHOUT_VOWELS = """
    FCK SHT CNT FDP BTCH CCKS DCKS FGGT KNTS MRD NGGR PSSY SLTS WHR WNK
"""

WORDS = tuple(sorted(set(f"{ENGLISH} {FRENCH} {SPANISH} {WITHOUT_VOWELS}".split())))

"""Short forms of given names, English and French, each with the name that it stands for."""

from collections.abc import Mapping
from types import MappingProxyType

# The full name, then what stands for it; folded (no accents). A short form of two names (Chris, Sam, Ted) is in both
# groups and is read both ways: Samuel and Samantha, who may share a telephone, stay two.
_GROUPS = """
abigail: abby abbie gail
albert: al bert bertie
alexander: alex alexandre sandy sacha xander lex
alexandra: alex alexandria sandra sandy lexie
alfred: alf alfie fred
andrew: andy drew
angela: angie angelina angel
anthony: tony antony antoine toni anton
arthur: art artie
barbara: barb barbie babs
beatrice: bea trixie beatrix
benjamin: ben benny benji
bernard: bernie barney
bradley: brad
caroline: carolyn carrie caro
catherine: kathy cathy kate katie katherine kathryn cath kat kathleen kitty katy cate
charles: charlie chuck chas charly
charlotte: lottie charlie
christian: christiaan kristian
christine: chris christina kris tina chrissy christie kristina kristine
christopher: chris kit topher christophe kris
cynthia: cindy
daniel: dan danny dani
danielle: dani daniele
david: dave davy davey
deborah: deb debbie debby debra
dominic: dom
dominique: dom
donald: don donnie donny
dorothy: dot dottie dolly
douglas: doug
edward: ed eddie ted teddy ned eddy edouard edgar edwin
eleanor: ellie nell nellie elle ella eleonore
elizabeth: liz lizzie beth betty eliza lisa libby bess elisabeth betsy babette liza
emily: em emma emmy emilie
eugene: gene
evelyn: eve evie
florence: flo flossie
frances: fran frankie franny francine
francis: frank frankie
francois: frank
frederic: fred freddy frederick freddie frederik fredric
gabriel: gabe gaby
gabrielle: gabby gaby
genevieve: gen
geoffrey: geoff jeff jeffrey jeffery jef
gerald: gerry jerry gerard ger
gilbert: gil
gregory: greg gregg gregoire
guillaume: guill
harold: harry hal
helen: nell lena helene ellen
henry: hank harry hal henri
isabelle: isa bella isabel isabella izzy belle
jacob: jake jakob
jacqueline: jackie jacquie jacky
james: jim jimmy jamie jay jem
janet: jeannette janette
jennifer: jen jenny jenna jenn
jeremy: jerry jeremie jem
jessica: jess jessie
john: jack johnny jon
jonathan: jon johnathan jonny jonathon
joseph: joe joey jos
josephine: josie jo
joshua: josh
judith: judy jude
julia: julie juliette juliet
julian: jules julien
kenneth: ken kenny
kimberly: kim kimberley kimmy
lawrence: larry laurence lorne laurent laurie
leonard: len lenny leo leon
lillian: lily lil lilly lilian
louis: lou louie luis
louise: lou
lucas: luc luke
lucy: lucie lucille lucienne
margaret: maggie meg peggy marge margie peg margo daisy rita greta marguerite margot
mary: marie maria molly polly mamie
mark: marc
martin: marty
martha: marty marthe
mathieu: mathew matthew matt mat matthieu matty
maurice: moe morris
maximilian: max maxim maxime
maxwell: max
megan: meg meghan
melanie: mel melissa mela
michael: mike mickey mick mikey micheal mich micky
michel: mich
michelle: shelly mich
mitchell: mitch
monique: mona
nancy: nan
natalie: nat nathalie nattie natasha
nicholas: nick nicky nicolas nico nic
nicole: nikki nicky
olivier: oliver ollie olivia
pamela: pam
patricia: pat trish tricia patsy patty patti
patrick: pat paddy
paul: paulie
peter: pete
philip: phil phillip philippe pip
raymond: ray
rebecca: becky becca rebekah
richard: rick rich dick ricky richie ritchie rickey
robert: bob bobby rob robbie robby bert
roger: rog
ronald: ron ronnie ronny
russell: russ rusty
samantha: sam sammy
samuel: sam sammy samy
sebastien: seb sebastian bastien
sophie: sophia sofia
stephanie: steph stef
stephen: steve steven stevie stephane stephan steph
stuart: stu stewart
susan: sue susie suzan
suzanne: susanne suzie suzy
sylvie: sylvia syl
terence: terry terrence
theresa: terry therese teresa tess terri
theodore: ted teddy theo
thomas: tom tommy thom
timothy: tim timmy
valerie: val
victor: vic
victoria: vicky vicki tori
vincent: vince vinny vin
virginia: ginny ginger
walter: walt wally
william: bill will billy willy liam willie bil
yvonne: evon yvette yvon
zachary: zach zack zac
mohamed: mohammed muhammad mohammad mohamad muhammed mohd
"""


def _short_forms() -> Mapping[str, tuple[str, ...]]:
    """Give short form → names, two at most; a name that heads a group stands for itself alone."""
    groups = [line.partition(":") for line in _GROUPS.strip().splitlines()]
    forms: dict[str, tuple[str, ...]] = {}
    for name, _, others in groups:
        for each in others.split():
            forms[each] = (*forms.get(each, ()), name)[:2]
    return MappingProxyType(forms | {name: (name,) for name, _, _ in groups})


FULL_NAMES = _short_forms()

"""Lists of names, most frequent first as far as is known; own compilation from what everybody meets."""

from typing import NamedTuple


class Lists(NamedTuple):
    """A community's names; rare family names are a head and a tail put together."""

    families: str
    women: str
    men: str
    heads: str = ""
    tails: str = ""


ENGLISH = Lists(
    families="""
    Smith Brown Wilson MacDonald Campbell Johnson Taylor Anderson Williams Thompson Scott Stewart Jones Miller White
    Robinson Moore Clark Young Davis Murphy Reid Fraser Graham Hall Walker Ross Kelly King Wright Allen Mitchell Baker
    Green Adams Hill Martin Thomas Watson Cameron Morrison Bell Jackson Cook Harris McLeod Ryan Sullivan Bennett Kennedy
    Hughes Hamilton Evans Gray Collins Murray Parker Phillips Marshall O'Brien Roberts Henderson Edwards Turner Simpson
    Russell McKenzie Armstrong Ferguson Burns Lewis Lee Morgan Hunter Johnston Wood Rogers Ward Grant Crawford Shaw
    McDonald Burke Foster Cooper Kerr Walsh Harrison Stevens Cox Carter Wallace Boyd Palmer Ellis Lawrence Webb Chapman
    Nelson Fisher Hart McCarthy Black Reynolds Porter Douglas Barnes Lynch Fox Gordon Sinclair Fleming Elliott Carr
    Bishop Peters Power Coleman Doyle Day Hayes Butler Cole Dixon Fitzgerald Duncan Stone Warren Sutherland Payne
    Dawson Rose Lloyd Matheson Robertson Nicholson Barker Harvey MacKay O'Connor Mason McMillan Pearson Griffin Gibson
    MacKinnon Gillis Chisholm Boudreau Noseworthy Penney Parsons Hynes Rideout Whalen Snow Best Mercer Pike Squires
    McKay Mackenzie Buchanan Forbes Munro Innes Paterson Laidlaw Dunn Cross Long Little West Knight Lane Hopkins
    """,
    women="""
    Mary Margaret Elizabeth Jennifer Patricia Susan Linda Barbara Catherine Karen Sarah Emily Jessica Nancy Sandra
    Deborah Lisa Donna Carol Heather Kimberly Michelle Amanda Melissa Laura Stephanie Nicole Rebecca Amy Angela Julie
    Christine Andrea Samantha Megan Rachel Lauren Ashley Danielle Kathleen Diane Judith Janet Joan Joyce Helen Dorothy
    Ruth Shirley Brenda Cheryl Debra Sharon Lori Wendy Tracy Cynthia Pamela Theresa Victoria Emma Olivia Hannah Grace
    Chloe Madison Abigail Sophie Charlotte Alexandra Vanessa Natalie Erin Shannon Kelly Tara Allison Kristen Beverley
    Marilyn Gail Lynn Anne Jane Alice Florence Irene Evelyn Eleanor Frances Gloria Rose Marie-Anne Ella Leah Molly Zoe
    Paige Brooke Taylor Morgan Jordan Kayla Courtney Brittany Amber Holly Dawn Robin Leslie Valerie Yvonne Sheila
    """,
    men="""
    John Robert James William David Michael Richard Thomas Christopher Daniel Matthew Andrew Joseph Charles Kevin Mark
    Steven Brian Paul George Kenneth Edward Donald Ronald Stephen Peter Anthony Jason Ryan Jeffrey Scott Eric Patrick
    Timothy Gregory Douglas Gary Jonathan Benjamin Samuel Alexander Nicholas Tyler Jacob Joshua Nathan Ethan Liam Noah
    Lucas Logan Owen Jack Henry Oliver Adam Aaron Sean Kyle Craig Derek Bradley Trevor Cameron Ian Graham Neil Gordon
    Allan Keith Wayne Dennis Larry Gerald Raymond Harold Walter Frank Arthur Albert Frederick Ernest Stanley Leonard
    Ralph Roy Russell Bruce Roger Lawrence Philip Terry Barry Glenn Dale Randy Todd Darren Shawn Travis Blair Duncan
    Malcolm Angus Colin Stuart Ross Evan Connor Dylan Hunter Mason Austin Jordan Zachary Gabriel Isaac Simon Martin
    """,
    heads="""
    Ash Brad Bur Carl Ches Clif Cran Dal Den Dray East Elm Fair Far Gar Glen Had Hal Har Hazel Hol Hur Ken Kirk Lang
    Lin Lock Mar Mel Mid Nor North Oak Pem Pres Rad Red Ridge Row Sal Shel Sher South Stan Stock Sut Swin Thorn Tre
    Wal War Wake Wes Whit Wil Win Wood Wyn York
    """,
    tails="""
    ford ton well wood ley field worth ham land burn dale combe more stead bury wick shaw ridge brook man ner low stone
    ward by mere gate croft hurst bridge
    """,
)

FRENCH = Lists(
    families="""
    Tremblay Gagnon Roy Côté Bouchard Gauthier Morin Lavoie Fortin Gagné Ouellet Pelletier Bélanger Lévesque Bergeron
    Leblanc Paquette Girard Simard Boucher Caron Beaulieu Cloutier Dubé Poirier Fournier Lapointe Leclerc Lefebvre
    Poulin Thibault St-Pierre Nadeau Martel Martin Grenier Landry Lachance Hébert Richard Desjardins Couture Turcotte
    Michaud Bernier Beaudoin Boivin Langlois Perron Savard Tessier Lemieux Gosselin Larouche Vachon Proulx Champagne
    Villeneuve Desrosiers Lessard Plante Blais Demers Gingras Deschênes Picard Dufour Dion Côté-Roy Parent Gendron
    Lambert Arsenault Cyr Bolduc Rousseau Thériault Dupuis Bédard Lafleur Charbonneau Laflamme Lalonde Audet Veilleux
    Allard Hamel Bilodeau Giroux Brisson Morneau Mercier Doucet Doiron Cormier Gallant Comeau LeBlanc Robichaud Melanson
    Vaillancourt Gervais Raymond Perreault Renaud Beauchamp Fontaine Drouin Laroche Lepage Rivard Marcoux Labelle Dumont
    Brunet Trudel Bourgeois Guay Lacroix Ménard Legault Roberge Corriveau Rioux Pouliot Daigle Chartrand Gauvin Asselin
    Marchand Goulet Leduc Jean Masson Laberge Boisvert Lemay Trottier Racine Tardif Vallée Leroux Breton Desmarais
    D'Amours L'Heureux De_Grandpré Saint-Laurent Ste-Marie Bourassa Cardinal Bellemare Gaudreault Perrault Archambault
    """,
    women="""
    Marie Nathalie Julie Isabelle Sylvie Manon Chantal Louise Josée Caroline Annie Mélanie Geneviève Catherine Martine
    Diane Lise Johanne France Lucie Hélène Nicole Monique Ginette Francine Céline Linda Suzanne Claire Carole Michelle
    Valérie Stéphanie Véronique Karine Sophie Émilie Audrey Amélie Jessica Roxanne Camille Laurence Florence Alice Léa
    Rosalie Gabrielle Jade Charlotte Juliette Noémie Ariane Élodie Maude Sabrina Vanessa Joanie Marie-Claude Marie-Ève
    Marie-Josée Marie-Pier Anne-Marie Marie-France Ève Jocelyne Thérèse Jeanne Pierrette Denise Huguette Yvette Rita
    Colette Danielle Line Lyne Guylaine Brigitte Dominique Pascale Mireille Andrée Solange Odette Madeleine Élise
    """,
    men="""
    Michel Pierre André Jean Alain Daniel François Éric Martin Stéphane Patrick Luc Marc Claude Denis Sylvain Richard
    Robert Gilles Yves Jacques Serge Mario Guy Louis Philippe Alexandre Mathieu Simon David Maxime Sébastien Nicolas
    Olivier Vincent Guillaume Jonathan Samuel William Gabriel Félix Antoine Raphaël Thomas Émile Étienne Benoit Frédéric
    Jean-François Jean-Pierre Jean-Philippe Marc-André Pierre-Luc Jean-Sébastien Charles Charles-Antoine Hugo Jérôme
    Pascal Normand Réjean Gaétan Roger Raymond Fernand Marcel Réal Laurent Gérard Léo Yvon Bruno Dany Steve Carl Joël
    Christian Dominic Donald Ghislain Régis Rémi Xavier Zachary Nathan Jacob Justin Tristan Mathis Loïc Édouard Arthur
    """,
    heads="""
    Beau Belle Bois Bon Char Châte Clair Cour Cham Dau Des Du Fon Grand Haut La Lan Le Mal Mar Mont Mor Nor Pel Per
    Petit Plan Pré Quen Roche Ron Rous Sau Ser Tail Tour Tran Val Vau Ver Vil
    """,
    tails="""
    champ lieu mont pré ville val clerc celle lant neau reau seau teau dier nier rier cher fort mère roy sault tier
    guay vin don veau court blond rin main
    """,
)

CHINESE = Lists(
    families="""
    Wang Li Zhang Chen Liu Wong Chan Lee Lam Cheung Leung Ho Yang Huang Zhao Wu Zhou Xu Sun Ma Zhu Hu Guo Lin He Gao
    Liang Zheng Luo Song Xie Tang Han Cao Deng Feng Peng Zeng Xiao Tian Dong Pan Yuan Cai Jiang Yu Du Ye Cheng Wei Su
    Lu Ding Ng Chow Kwan Lau Tse Fung Mak Yip Chu Kwok Yeung Tam Ng Siu Hui Lo Tsang Nguyen Tran Le Pham Hoang Vu Dang
    Bui Do Kim Park Choi Jung Kang Cho Yoon Jang Lim
    """,
    women="""
    Mei Li Wei Ying Xiu Jing Yan Fang Hui Min Na Xia Ling Hong Yu Amy Grace Vivian Cindy Winnie Jenny Karen Michelle
    Joyce Christine Fiona Yuki Soo-Jin Ji-Woo Hana Mai Linh Thao Huong Lan Anh Thi Ngoc Kim-Anh Xiaoyan Meiling Xinyi
    """,
    men="""
    Wei Jun Ming Jie Lei Tao Chao Hao Yong Bin Gang Peng Kevin David Jason Raymond Henry Eric Alan Tony Andrew Vincent
    Kenneth Simon Min-Jun Ji-Hoon Sung Dong-Hyun Minh Tuan Hung Duc Khanh Quang Thanh Huy Zihan Haoran Yifan Zhiwei
    """,
)

SOUTH_ASIAN = Lists(
    families="""
    Singh Patel Kaur Sharma Gill Sandhu Dhillon Sidhu Khan Grewal Brar Ahmed Kumar Dhaliwal Shah Ali Hussain Gupta Malik
    Sohal Bains Randhawa Mann Virk Cheema Chahal Hundal Aujla Bhatti Sekhon Deol Johal Parmar Desai Mehta Joshi Verma
    Reddy Rao Nair Iyer Menon Pillai Perera Fernando Silva Rahman Islam Chowdhury Hossain Begum Akhtar Iqbal Qureshi
    Siddiqui Mirza Butt Sheikh Chaudhry Bhullar Saini Kang Toor Nijjar Basra Sivakumar Rajaratnam Nadarajah Thambiah
    """,
    women="""
    Harpreet Simran Jaspreet Manpreet Gurpreet Amandeep Priya Anjali Neha Pooja Sunita Anita Kavita Fatima Ayesha Sana
    Zainab Mariam Nadia Hina Rani Kiran Navdeep Rajwinder Sukhpreet Ramandeep Deepika Meera Lakshmi Nisha Shalini Divya
    Harleen Jasleen Parminder Kulwinder Balwinder Asha Geeta Rekha Seema Tanvi Riya Aisha Sadia Rabia
    """,
    men="""
    Harpreet Gurpreet Jaspreet Manpreet Amandeep Rajinder Sukhwinder Balwinder Kulwinder Jagdeep Hardeep Rahul Amit Raj
    Vijay Sanjay Rakesh Suresh Ravi Anil Arjun Mohammed Ali Ahmed Hassan Usman Bilal Imran Omar Tariq Parminder Navjot
    Karan Rohan Nikhil Vikram Arun Ajay Deepak Manoj Harjit Gurdeep Inderjit Satnam Baljit Faisal Kamran Zeeshan
    """,
)

EUROPEAN = Lists(
    families="""
    Rossi Russo Ferrari Esposito Bianchi Romano Colombo Ricci Marino Greco Bruno Gallo Conti De_Luca Costa Mancini Rizzo
    Lombardi Moretti Di_Marco D'Angelo Di_Stefano Silva Santos Ferreira Pereira Oliveira Costa Rodrigues Martins Sousa
    Fernandes Gonçalves Gomes Lopes Medeiros Kowalski Nowak Wiśniewski Kamiński Lewandowski Zieliński Szymański Woźniak
    Petrenko Shevchenko Kovalenko Bondarenko Tkachenko Melnyk Kovalchuk Boyko Koval Moroz Wasylyk Hnatyshyn Friesen
    Schmidt Schneider Müller Weber Wagner Becker Hoffmann Klein Wolf Neufeld Penner Dyck Wiebe Reimer Klassen Toews
    Popov Ivanov Petrov Jovanović Petrović Horvat Novak Papadopoulos Pappas Van_der_Berg Van_Dyk Vandenberg Jansen
    García Rodríguez González Martínez Hernández López Pérez Sánchez Ramírez Flores Cruz De_la_Cruz Reyes Ramos Bautista
    Mendoza Aquino Castillo Villanueva Dela_Cruz Del_Rosario Santiago Navarro Mercado
    """,
    women="""
    Maria Anna Giulia Francesca Rosa Teresa Lucia Carmela Giovanna Angela Ana Isabel Fátima Sofia Elena Olga Natalia
    Oksana Iryna Tatiana Svetlana Katarzyna Agnieszka Magdalena Ewa Helga Ingrid Heidi Gertrude Carmen Gloria Rosario
    Maricel Jocelyn Marites Cristina Angelica Lourdes Imelda Consuelo Eleni Dimitra Jelena Milica Ivana
    """,
    men="""
    Giuseppe Antonio Giovanni Mario Luigi Salvatore Domenico Vincenzo Marco José Manuel Carlos João Luís Paulo Ivan
    Dmitri Sergei Oleksandr Andriy Mykola Bohdan Piotr Krzysztof Andrzej Tomasz Jan Hans Karl Peter Henry Jacob Abram
    Juan Miguel Ramon Rodrigo Ferdinand Jun Rolando Eduardo Nikolaos Georgios Dimitrios Milan Nikola Stefan Luka
    """,
    heads="""
    Bar Ber Bor Cas Cor Dom Fal Gal Gor Hor Jan Kal Kar Kol Kor Kov Kras Lis Luk Mal Mar Mas Mor Nov Pal Pav Pet Pol Rad
    Rom Sal San Sav Ser Sok Sol Stan Tar Tom Var Vas Vol Zan Zel
    """,
    tails="elli ini etti ucci one ato aro ari enko yk chuk ski icz ov ev in ić ez es eira ano man son as akis uk",
)

MIDDLE_EASTERN = Lists(
    families="""
    Ahmad Hassan Ibrahim Mohamed Ali Khalil Haddad Khoury Nassar Saleh Mansour Hamdan Abdi Farah Hussein Warsame Osman
    Jama El-Masri Al-Hassan Al-Ahmad Benali Bouzid Amrani Alaoui Cherif Diallo Traoré Ndiaye Diop Okafor Adeyemi Okonkwo
    Mensah Owusu Hosseini Mohammadi Ahmadi Karimi Rahimi Rezaei Jafari Moradi Nazari Tehrani Yılmaz Demir Kaya Sarkis
    Petrosyan Hakobyan Cohen Levy Katz Friedman Goldberg Shapiro Tadesse Haile Bekele Jean-Baptiste Pierre-Louis Joseph
    """,
    women="""
    Fatima Mariam Leila Nour Amira Yasmine Sara Hanan Rania Dina Layla Zahra Maryam Shirin Parisa Niloufar Golnaz Amina
    Halima Hodan Ifrah Khadija Aminata Fatou Ngozi Chioma Adaeze Akua Abena Miriam Rachel Esther Hana Selam Nadège
    Rose-Laure Marlène Samira Houda Karima
    """,
    men="""
    Mohamed Ahmed Ali Omar Hassan Hussein Youssef Khaled Karim Samir Tarek Bilal Ibrahim Mahmoud Mustafa Reza Mehdi
    Amir Hossein Farhad Behzad Abdi Abdullahi Ismail Mamadou Ousmane Chukwuemeka Emeka Kwame Kofi David Daniel Joseph
    Elias George Tesfaye Dawit Emmanuel Widler Rachid Nabil
    """,
)

COMMUNITIES = (ENGLISH, FRENCH, CHINESE, SOUTH_ASIAN, EUROPEAN, MIDDLE_EASTERN)

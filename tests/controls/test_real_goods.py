"""Goods as people describe them in contracts: what hides a controlled element is found, in English and in Chinese."""

import pytest

from portal.controls import catalogue, classify, enquiry
from portal.controls.judge import GoodsItem, judge
from portal.controls.measures import load
from tests.controls.samples import TODAY

SHIPPED = load()
GOODS = [
    ("Gallium metal ingot 6N", "23/2023"),
    ("金属镓 99.9999%", "23/2023"),
    ("4-inch GaN-on-sapphire wafers", "23/2023"),
    ("氮化镓外延片", "23/2023"),
    ("β-Ga2O3 single crystal substrate", "23/2023"),
    ("磷化镓多晶", "23/2023"),
    ("Semi-insulating gallium arsenide wafers", "23/2023"),
    ("砷化镓衬底", "23/2023"),
    ("In0.53Ga0.47As photodiode epi wafer", "23/2023"),
    ("GaSb wafers, n-type, Te doped", "23/2023"),
    ("CIGS sputtering target", "23/2023"),
    ("IGZO target 氧化铟镓锌靶材", "23/2023"),
    ("Galinstan liquid metal", "23/2023"),
    ("镓铟锡液态金属导热膏", "23/2023"),
    ("Trimethylgallium, semiconductor grade", "23/2023"),
    ("Germanium lens blanks for infrared optics", "23/2023"),
    ("红外锗窗片", "23/2023"),
    ("Zone-refined germanium ingot", "23/2023"),
    ("GeO2 powder 5N", "23/2023"),
    ("四氯化锗 光纤级", "23/2023"),
    ("ZnGeP2 nonlinear crystal", "23/2023"),
    ("Ge-Sb-Te phase-change target", "23/2023"),
    ("Germane-free SiGe epitaxial wafer", "23/2023"),
    ("硅锗外延片", "23/2023"),
    ("Isostatic graphite block, purity 99.99 %", "39/2023"),
    ("等静压石墨 纯度99.99%", "39/2023"),
    ("Natural flake graphite 895", "39/2023"),
    ("球形石墨负极原料", "39/2023"),
    ("Expandable graphite 50 mesh", "39/2023"),
    ("可膨胀石墨", "39/2023"),
    ("Antimony ingots 99.65 %", "33/2024"),
    ("锑锭", "33/2024"),
    ("Sb2O3 catalyst grade", "33/2024"),
    ("三氧化二锑 阻燃级", "33/2024"),
    ("Antimony trisulphide powder", "33/2024"),
    ("InSb infrared detector wafer", "33/2024"),
    ("Lead-antimony alloy (antimonial lead)", "33/2024"),
    ("巴氏合金轴瓦", "33/2024"),
    ("Cubic press, six-sided, 650 mm cylinder", "33/2024"),
    ("六面顶压机", "33/2024"),
    ("MPCVD reactor 15 kW 2450 MHz", "33/2024"),
    ("Antimony tin oxide (ATO) nanopowder", "33/2024"),
    ("APT, ammonium paratungstate", "10/2025"),
    ("仲钨酸铵", "10/2025"),
    ("Yellow tungsten oxide WO3", "10/2025"),
    ("Cemented carbide inserts", "10/2025"),
    ("硬质合金棒材", "10/2025"),
    ("WC-Co spray powder", "10/2025"),
    ("Tungsten heavy alloy rods W-Ni-Fe", "10/2025"),
    ("钨镍铁配重块", "10/2025"),
    ("CuW80 electrode", "10/2025"),
    ("钨铜电极", "10/2025"),
    ("Ag-W contact tips", "10/2025"),
    ("Tellurium ingots 4N", "10/2025"),
    ("CdTe evaporation material", "10/2025"),
    ("碲锌镉晶片", "10/2025"),
    ("Bi2Te3 thermoelectric modules", "10/2025"),
    ("碲化铋热电片", "10/2025"),
    ("BGO scintillator crystals", "10/2025"),
    ("Bismuth needles", "10/2025"),
    ("Wood's metal alloy 70 °C", "10/2025"),
    ("Sn42Bi58 solder paste", "10/2025"),
    ("锡铋焊料", "10/2025"),
    ("Molybdenum powder, 3 µm", "10/2025"),
    ("钼粉", "10/2025"),
    ("TZM alloy powder", "10/2025"),
    ("ITO target 90/10", "10/2025"),
    ("Indium phosphide epi wafers", "10/2025"),
    ("三甲基铟 MO源", "10/2025"),
    ("AuSn and In solder preforms, indium 99.99 %", "10/2025"),
    ("Sm2Co17 magnets, nickel plated", "18/2025"),
    ("钐钴永磁", "18/2025"),
    ("Gadolinium oxide 4N", "18/2025"),
    ("GGG substrate 10x10", "18/2025"),
    ("Gadox scintillator screen", "18/2025"),
    ("Tb4O7 powder", "18/2025"),
    ("Terfenol-D rods", "18/2025"),
    ("TbFeCo sputtering target", "18/2025"),
    ("TGG Faraday rotator crystal", "18/2025"),
    ("NdFeB magnets N42SH", "18/2025"),
    ("钕铁硼磁钢 42SH", "18/2025"),
    ("(Nd,Dy)2Fe14B sintered blocks", "18/2025"),
    ("镝铁合金 DyFe80", "18/2025"),
    ("Lutetium oxide", "18/2025"),
    ("LYSO scintillation crystals", "18/2025"),
    ("Al-Sc master alloy 2 %", "18/2025"),
    ("铝钪中间合金", "18/2025"),
    ("ScAlN target", "18/2025"),
    ("YSZ thermal spray powder 8 wt%", "18/2025"),
    ("氧化钇稳定氧化锆陶瓷粉", "18/2025"),
    ("YAG laser rod", "18/2025"),
    ("钇铝石榴石荧光粉", "18/2025"),
    ("YBCO superconducting tape", "18/2025"),
    ("Y2O3 coating powder", "18/2025"),
    ("Mischmetal, cerium-based rare earth", "18/2025"),
    ("富钇稀土氧化物", "18/2025"),
    ("MCrAlY bond-coat powder", "18/2025"),
    ("NiCoCrAlY 热喷涂粉末", "18/2025"),
    ("Yttrium-iron garnet YIG spheres", "18/2025"),
    ("Diamond micron powder 6-12 µm", "55/2025"),
    ("金刚石微粉 W10", "55/2025"),
    ("金刚石线锯", "55/2025"),
    ("Diamond grinding wheel", "55/2025"),
    ("P507 extractant", "56/2025"),
    ("萃取剂P204", "56/2025"),
    ("Vacuum strip casting furnace for NdFeB", "56/2025"),
    ("Monazite concentrate", "56/2025"),
    ("独居石精矿", "56/2025"),
    ("Er:YAG laser crystals", "57/2025"),
    ("Yb-doped fibre", "57/2025"),
    ("掺铒光纤", "57/2025"),
    ("Ho2O3", "57/2025"),
    ("Eu2O3 red phosphor", "57/2025"),
    ("Y2O3:Eu phosphor", "57/2025"),
    ("Thulium fibre laser", "57/2025"),
    ("Tm:YLF crystal", "57/2025"),
    ("Yb:YAG disk", "57/2025"),
    ("LiFePO4 cathode powder", "58/2025"),
    ("磷酸铁锂正极材料", "58/2025"),
    ("Lithium-ion battery cells 310 Wh/kg", "58/2025"),
    ("人造石墨负极材料", "58/2025"),
    ("NCM811 ternary precursor", "58/2025"),
    ("三元前驱体", "58/2025"),
    ("Ferrotungsten FeW75", "10/2025"),
    ("carbide inserts for turning", "10/2025"),
    ("Scalmalloy powder", "18/2025"),
    ("Ce:LuAG phosphor", "18/2025"),
    ("Densimet 185 collimator", "10/2025"),
    ("gadobutrol bulk", "18/2025"),
    ("Cerrobend", "10/2025"),
    ("GAGG scintillator", "18/2025"),
    ("FeMo ferromolybdenum 60", "10/2025"),
    ("钼铁", "10/2025"),
    ("Ho:YLF", "57/2025"),
    ("MCT detector array", "10/2025"),
]
OTHERS = [
    "Stainless steel bolts M8", "不锈钢螺栓", "Wooden chairs", "木质家具", "Cotton T-shirts", "Polyethylene film",
    "聚乙烯薄膜", "Bicycle parts", "Frozen shrimp", "冷冻虾仁", "Copper wire 2.5 mm", "铝合金门窗", "Glass bottles",
    "LCD television 55 inch", "陶瓷餐具",
]  # fmt: skip


def test_the_table_is_long_enough_and_in_both_languages() -> None:
    assert len(GOODS) >= 60
    assert sum(not words.isascii() for words, _ in GOODS) >= 30
    assert {number for _, number in GOODS} == {
        "23/2023", "39/2023", "33/2024", "10/2025", "18/2025", "55/2025", "56/2025", "57/2025", "58/2025"
    }  # fmt: skip


@pytest.mark.parametrize(("words", "number"), GOODS)
def test_alloys_targets_powders_magnets_and_mixtures_that_hide_a_controlled_element_are_found(
    words: str, number: str
) -> None:
    judgement = judge(GoodsItem(words), "DE", TODAY)
    assert judgement.state != "not_controlled"
    assert number in {finding.number for finding in judgement.measures if finding.state in ("controlled", "review")}
    worked = classify.answer(enquiry.read(words, SHIPPED), SHIPPED, TODAY)
    assert worked.state != "not_controlled"
    assert number in {one.candidate.measure.number for one in worked.items}


@pytest.mark.parametrize("words", OTHERS)
def test_catch_all_duties_are_explained_for_the_rest(words: str) -> None:
    judgement = judge(GoodsItem(words), "US", TODAY)
    assert (judgement.state, judgement.measures) == ("not_controlled", ())
    assert "catch-all still applies" in judgement.reasons[-1].en
    assert "《两用物项出口管制条例》第十四条" in judgement.reasons[-1].zh
    assert classify.answer(enquiry.read(words, SHIPPED), SHIPPED, TODAY).state == "not_controlled"


def test_the_duties_name_their_articles() -> None:
    duties = catalogue.duties()
    assert {duty.mark for duty in duties} == {"V"}
    said = " ".join(duty.source.en for duty in duties)
    for article in ("Export Control Law, article 12", "Decree 792, article 14", "article 39", "articles 21 and 22"):
        assert article in said

"""Project types in the words of registries and of market taxonomies, with CAD Trust's beside."""

from __future__ import annotations

from typing import Final

AFFORESTATION = "Afforestation"
AGRICULTURE = "Agriculture"
AFOLU = "Agriculture, forestry and other land use (AFOLU)"
ANY = "Any combination of the above"
BIOGAS = "Biogas"
BIOMASS = "Biomass Energy"
CO2 = "CO2 usage"
CEMENT = "Cement"
COAL = "Coal bed/mine methane"
EE_INDUSTRY = "Energy Efficiency Industry"
EE_HOUSEHOLDS = "Energy Efficiency households"
EE_OWN = "Energy Efficiency own generation"
EE_SERVICE = "Energy Efficiency service"
EE_SUPPLY = "Energy Efficiency supply side"
DISTRIBUTION = "Energy distribution"
FUEL_SWITCH = "Fossil fuel switch"
FUGITIVE = "Fugitive"
GEOTHERMAL = "Geothermal"
HYDRO = "Hydro"
LANDFILL = "Landfill gas"
METHANE = "Methane avoidance"
N2O = "N2O"
GASES = "PFCs and SF6"
REFORESTATION = "Reforestation"
SOLAR = "Solar"
TIDAL = "Tidal"
TRANSPORT = "Transport"
WASTE = "Waste"
WIND = "Wind"
# v1 values for which v2 has no word; kept rather than lost.
ENERGY_DEMAND = "Energy Demand"
OZONE = "Ozone Depleting Substances"

PROJECT_TYPES: Final = (
    AFFORESTATION,
    AGRICULTURE,
    AFOLU,
    ANY,
    BIOGAS,
    BIOMASS,
    CO2,
    CEMENT,
    COAL,
    EE_INDUSTRY,
    EE_HOUSEHOLDS,
    EE_OWN,
    EE_SERVICE,
    EE_SUPPLY,
    DISTRIBUTION,
    FUEL_SWITCH,
    FUGITIVE,
    GEOTHERMAL,
    HYDRO,
    LANDFILL,
    METHANE,
    N2O,
    GASES,
    REFORESTATION,
    SOLAR,
    TIDAL,
    TRANSPORT,
    WASTE,
    WIND,
    ENERGY_DEMAND,
    OZONE,
)

_V1: Final = {
    "Avoided Conversion": AFOLU,
    "Coal Mine Methane": COAL,
    "Conservation": AFOLU,
    "Forestry": AFOLU,
    "Improved Forest Management": AFOLU,
    "Landfill Gas Capture/Combustion": LANDFILL,
    "Livestock": METHANE,
    "Nitrogen Management": AGRICULTURE,
    "Organic Waste Composting": LANDFILL,
    "Organic Waste Digestion": METHANE,
    "Plastic Waste Collection": WASTE,
    "Plastic Waste Recycling": WASTE,
    "REDD+: Reduced Emissions from Deforestation and Degradation": AFOLU,
    "Reforestation and Revegetation": REFORESTATION,
    "Soil Enrichment": AGRICULTURE,
}

_UNEP: Final = {
    "EE households": EE_HOUSEHOLDS,
    "EE industry": EE_INDUSTRY,
    "EE own generation": EE_OWN,
    "EE service": EE_SERVICE,
    "EE supply side": EE_SUPPLY,
    "Energy distrib.": DISTRIBUTION,
    "Coal bed/mine methane": COAL,
    "Agriculture, forestry and other land uses (AFOLU)": AFOLU,
    "Agriculture Forestry and Other Land Use": AFOLU,
    "AFOLU": AFOLU,
    "Hydropower": HYDRO,
    "Biomass": BIOMASS,
}

_VERRA: Final = {
    # AFOLU activities
    "ALM": AGRICULTURE,
    "Agricultural Land Management": AGRICULTURE,
    "ARR": REFORESTATION,
    "Afforestation, Reforestation and Revegetation": REFORESTATION,
    "REDD": AFOLU,
    "REDD+": AFOLU,
    "IFM": AFOLU,
    "WRC": AFOLU,
    "Wetlands Restoration and Conservation": AFOLU,
    "ACoGS": AFOLU,
    "Avoided Conversion of Grasslands and Shrublands": AFOLU,
    "CIW": AFOLU,
    "RWE": AFOLU,
    # sectoral scopes that are one activity
    "Energy distribution": DISTRIBUTION,
    "Transport": TRANSPORT,
    "Livestock, enteric fermentation, and manure management": METHANE,
}

_GOLD_STANDARD: Final = {
    "Energy Efficiency - Domestic": EE_HOUSEHOLDS,
    "Energy Efficiency - Industrial": EE_INDUSTRY,
    "Energy Efficiency - Commercial Sector": EE_SERVICE,
    "Energy Efficiency - Commercial": EE_SERVICE,
    "Energy Efficiency - Public Sector": EE_SERVICE,
    "Energy Efficiency - Public": EE_SERVICE,
    "Energy Efficiency - Transport Sector": TRANSPORT,
    "Energy Efficiency - Transport": TRANSPORT,
    "Energy Efficiency - Agriculture Sector": AGRICULTURE,
    "Energy Efficiency - Agriculture": AGRICULTURE,
    "Biogas - Heat": BIOGAS,
    "Biogas - Electricity": BIOGAS,
    "Biogas - Cogeneration": BIOGAS,
    "Biomass, or Liquid Biofuel - Heat": BIOMASS,
    "Biomass, or Liquid Biofuel - Electricity": BIOMASS,
    "Biomass, or Liquid Biofuel - Cogeneration": BIOMASS,
    "A/R": REFORESTATION,
    "Solar Thermal - Electricity": SOLAR,
    "Solar Thermal - Heat": SOLAR,
    "PV": SOLAR,
    "Small, Low - Impact Hydro": HYDRO,
    "Small, Low-Impact Hydro": HYDRO,
}

_ACR: Final = {
    "Agricultural Land Management": AGRICULTURE,
    "Forest Carbon": AFOLU,
    "Fuel Switching": FUEL_SWITCH,
    "Landfill Gas Capture & Combustion": LANDFILL,
    "Landfill Gas Capture and Combustion": LANDFILL,
    "Livestock Waste Management": METHANE,
    "Orphaned Wells": FUGITIVE,
    "Transport / Fleet Efficiency": TRANSPORT,
    "Transport/Fleet Efficiency": TRANSPORT,
    "Wastewater Treatment": METHANE,
    "Wetland Restoration": AFOLU,
}

_CAR: Final = {
    "Reforestation - ARB Compliance": REFORESTATION,
    "Avoided Conversion - ARB Compliance": AFOLU,
    "Improved Forest Management - ARB Compliance": AFOLU,
    "Improved Forest Management - WA ECO Compliance": AFOLU,
    "Conservation-Based Forest Management": AFOLU,
    "Forestry - MX": AFOLU,
    "Avoided Grassland Conversion": AFOLU,
    "Canada Grassland": AFOLU,
    "Livestock - ARB Compliance": METHANE,
    "Livestock Gas Capture/Combustion": METHANE,
    "Livestock - MX": METHANE,
    "Mine Methane Capture - ARB Compliance": COAL,
    "Coal Mine Methane - Drainage": COAL,
    "Coal Mine Methane - VAM": COAL,
    "Landfill - MX": LANDFILL,
    "Ozone Depleting Substances - U.S.": OZONE,
    "Ozone Depleting Substances - Article 5 Imports": OZONE,
    "Ozone Depleting Substances - U.S. - ARB Compliance": OZONE,
    "Ozone Depleting Substances - U.S. - WA ECO Compliance": OZONE,
    "Low Carbon Cement": CEMENT,
    "Nitric Acid N2O- Tertiary Catalyst": N2O,
    "Nitric Acid N2O- Secondary Catalyst": N2O,
    "Adipic Acid": N2O,
}

# CarbonTrace, Plan Vivo, Social Carbon, EcoRegistry, ICR
_OTHERS: Final = {
    "Afforestation / Reforestation": REFORESTATION,
    "Afforestation/Reforestation": REFORESTATION,
    "Afforestation and reforestation": REFORESTATION,
    "Forest Restoration": REFORESTATION,
    "Reduced emissions from deforestation & degradation": AFOLU,
    "Reduced emissions from deforestation and degradation": AFOLU,
    "Wind Energy": WIND,
    "Wind power": WIND,
    "Solar Energy": SOLAR,
    "Solar power": SOLAR,
    "Hydro power": HYDRO,
    "Geothermal Energy": GEOTHERMAL,
    "Land use (AFOLU)": AFOLU,
}

# UNDP's types of mitigation, in the one-word form of its enumeration.
_UNDP: Final = {
    "BiomassEnergy": BIOMASS,
    "Palm oil solid waste": BIOMASS,
    "Landfill flaring": LANDFILL,
    "Solar Photovoltaics": SOLAR,
    "Solar Photovoltaics PV": SOLAR,
    "Solar PV": SOLAR,
    "Coal/Mine": COAL,
    "CO2Usage": CO2,
    "EEHouseholds": EE_HOUSEHOLDS,
    "EEIndustry": EE_INDUSTRY,
    "EEOwnGeneration": EE_OWN,
    "EEService": EE_SERVICE,
    "EESupplySide": EE_SUPPLY,
    "EnergyDistribution": DISTRIBUTION,
    "FossilFuel": FUEL_SWITCH,
    "Landfills": LANDFILL,
    "MethaneAvoidance": METHANE,
    "N20": N2O,
}

# OffsetsDB's types (MIT), by the crosswalk of projects that stand in both lists.
_OFFSETS_DB: Final = {
    "Afforestation/Reforestation": REFORESTATION,
    "Avoided Forest Conversion": AFOLU,
    "Biodigesters": METHANE,
    "Bicycles": TRANSPORT,
    "Brick Manufacturing Emission Reductions": EE_INDUSTRY,
    "Bundled Compost Production and Soil Application": LANDFILL,
    "Carbon Capture in Concrete": CO2,
    "Carbon Capture in Plastic": CO2,
    "Carbon-Absorbing Concrete": CO2,
    "Carbon Capture & Enhanced Oil Recovery": CO2,
    "Clean Water": EE_HOUSEHOLDS,
    "Community Boreholes": EE_HOUSEHOLDS,
    "Composting": LANDFILL,
    "Cookstoves": EE_HOUSEHOLDS,
    "Electric Vehicles & Charging": TRANSPORT,
    "Feed Additives": AGRICULTURE,
    "Fleet Efficiency": TRANSPORT,
    "Fuel Transport": TRANSPORT,
    "Grid Expansion & Mini-Grids": DISTRIBUTION,
    "Improved Irrigation Management": AGRICULTURE,
    "Landfill Methane": LANDFILL,
    "Leak Detection & Repair in Gas Systems": FUGITIVE,
    "Lighting": EE_HOUSEHOLDS,
    "Lower Carbon Cement & Concrete": CEMENT,
    "Manure Methane Digester": METHANE,
    "Mass Transit": TRANSPORT,
    "Methane Recovery in Wastewater": METHANE,
    "Mine Methane Capture": COAL,
    "N2O Destruction in Adipic Acid Production": N2O,
    "N2O Destruction in Nitric Acid Production": N2O,
    "Natural Gas Electricity Generation": FUEL_SWITCH,
    "Ozone Depleting Substances Recovery & Destruction": OZONE,
    "Plugging Oil & Gas Wells": FUGITIVE,
    "Pneumatic Retrofit": FUGITIVE,
    "Rice Emission Reductions": AGRICULTURE,
    "SF6 Replacement": GASES,
    "Aluminum Smelters Emission Reductions": GASES,
    "Shipping": TRANSPORT,
    "Solar - Centralized": SOLAR,
    "Solar - Distributed": SOLAR,
    "Solar Lighting": SOLAR,
    "Solar Water Heaters": SOLAR,
    "Solid Waste Separation": WASTE,
    "Sustainable Agriculture": AGRICULTURE,
    "Sustainable Grassland Management": AFOLU,
    "Truck Stop Electrification": TRANSPORT,
    "Waste Diversion": WASTE,
    "Waste Gas Recovery": EE_OWN,
    "Waste Heat Recovery": EE_OWN,
    "Waste Incineration": WASTE,
    "Waste Recycling": WASTE,
    "Waste Reduction": WASTE,
    "Weatherization": EE_HOUSEHOLDS,
    "Mine Methane": COAL,
    "Leak Detection": FUGITIVE,
    "Natural Gas Electricity": FUEL_SWITCH,
    "Methane Recovery in Wastewater Treatment": METHANE,
}

# The categories of the methodology list by which registries' methodologies are sorted.
_CATEGORIES: Final = {
    "Forest management": AFOLU,
    "Fossil gas leaks": FUGITIVE,
    "Electric vehicles": TRANSPORT,
    "Public transit": TRANSPORT,
    "Cleaner cooking": EE_HOUSEHOLDS,
    "Bioenergy": BIOMASS,
    "Nitric acid": N2O,
    "Oil Field Gas Recovery": FUGITIVE,
    "Rice cultivation": AGRICULTURE,
    "Waste management": WASTE,
    "Grid efficiency": DISTRIBUTION,
    "Heat recovery": EE_OWN,
    "Reforestation and ecosystem restoration": AFOLU,
    "Rewilding": AFOLU,
    "Water purification": EE_HOUSEHOLDS,
}

SPELLINGS: Final[dict[str, str]] = {
    **_V1,
    **_UNEP,
    **_VERRA,
    **_GOLD_STANDARD,
    **_ACR,
    **_CAR,
    **_OTHERS,
    **_UNDP,
    **_OFFSETS_DB,
    **_CATEGORIES,
}

ACR_CODES: Final = {
    "ALM": AGRICULTURE,
    "CMM": COAL,
    "FC": AFOLU,
    "FSW": FUEL_SWITCH,
    "LGCC": LANDFILL,
    "LWM": METHANE,
    "ODS": OZONE,
    "ORW": FUGITIVE,
    "TFE": TRANSPORT,
    "WWT": METHANE,
    "WR": AFOLU,
}

# Known words without an activity of the list: several at once, or one that it has no word for.
NO_TYPE: Final = (
    "Other",
    "Others",
    "N/A",
    # Storage of carbon is no use of carbon, and the list has no word for it.
    "Carbon Capture & Storage",
    "Carbon Capture and Storage",
    "Carbon Capture & Storage (CCS)",
    "HFC_PFCs_SF6",
    "CCS",
    "Energy Efficiency",
    "Bundled Energy Efficiency",
    "Renewable Energy",
    "RE Bundled",
    "Fuel Switching (several)",
    "Advanced Refrigerants",
    "HFC Refrigerant Reclamation",
    "HFC Replacement in Foam Production",
    "HFC23 Destruction",
    "Refrigerants",
    "Refrigerant Leak Detection",
    "Industrial Process Emissions",
    "Industrial Gas Substitution",
    "Biochar",
    "Biomass Burial",
    "Biomass Injection",
    "Direct Air Capture",
    "Enhanced Rock Weathering",
    "Enhanced Weathering",
    "Ocean Alkalinity Enhancement",
    "Oil Recycling",
    "Propylene Oxide Production",
    "Road Construction Emission Reductions",
    "University Campus Emission Reductions",
    "Harmful Algae Bloom Treatment",
    "Efficient appliances",
    "Engineered Removals",
    "Industrial efficiency",
    "Mixed renewables",
    "Soil & Livestock",
    "Waste to energy",
    "Avoidance / Reduction",
    "Methodology Under Development",
)

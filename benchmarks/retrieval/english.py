"""The words of the English documents and questions."""

from benchmarks.retrieval.language import Kind, Language, Question, Table, words

_KINDS = (
    Kind("The {a}ed {s} withstands a pressure of {n} bar.", (
        Question("What pressures have {a}ing {s}s been withstanding?", "as"),
        Question("Which {s}s were withstanding {n} bars?", "sn"),
    )),
    Kind("Since {y}, every {a}ed {s} {v} a permit from the inspector.", (
        Question("Which {s}s {w} inspectors' permits since {y}?", "svy"),
        Question("Were there permits in {y} that {a}ing {s}s {w}?", "avy"),
    ), ("requires", "does not require"), ("require", "do not require")),
    Kind("The warranty for the {a}ed {s} covers {n} months of use.", (
        Question("How long do warranties of {a}ing {s}s cover?", "as"),
        Question("Whose warranties covered {n} months, which {s}s'?", "sn"),
    )),
    Kind("In {y} the plant in {p} produced {n} units of the {a}ed {s}.", (
        Question("How many units of the {a}ed {s} did the plant in {p} produce in {y}?", "aspy"),
        Question("Which plants were producing {a}ing {s}s, {n} of them?", "asn"),
    )),
    Kind("The {a}ed {s} {v} after {n} hours of continuous operation.", (
        Question("Which {s}s {w} when operating continuously for {n} hours?", "svn"),
        Question("Do {a}ing {s}s {w} if operated continuously, and after how many hours?", "asv"),
    ), ("fails", "never fails"), ("fail", "never fail")),
    Kind("Order {c} contains the {a}ed {s} and was signed in {p}.", (
        Question("Where were orders {c} signing?", "c"),
        Question("Which order containing {a}ing {s}s has been signed in {p}?", "asp"),
    )),
    Kind("A spare {s} can be delivered from {p} {v} customs clearance.", (
        Question("Which spares are deliverable from {p} {w} clearing customs?", "spv"),
    ), ("with", "without"), ("with", "without")),
    Kind("The noise of the {a}ed {s} was measured in {y} at {n} decibels.", (
        Question("How noisy were {a}ing {s}s by the measurements of {y}?", "asy"),
        Question("Measuring which {s}s gave noises of {n} decibels?", "sn"),
    )),
    Kind("Section {c} {v} the use of the {a}ed {s} in closed rooms.", (
        Question("What does section {c} say about the {s}?", "cs"),
        Question("Which sections are {w} uses of {a}ing {s}s in a room that is closed?", "asv"),
    ), ("allows", "does not allow"), ("allowing", "not allowing")),
    Kind("The {a}ed {s} was bought in {y} for {n} dollars.", (
        Question("How many dollars did buying {a}ing {s}s cost in {y}?", "asy"),
        Question("What was bought for {n} dollars?", "n"),
    )),
    Kind("The crew in {p} replaced the {a}ed {s} in {y} {v} stopping the line.", (
        Question("Which {s}s did crews replace in {p} {w} the lines being stopped?", "spv"),
        Question("What were crews replacing in {p} during {y}?", "py"),
    ), ("by", "without"), ("by", "without")),
    Kind("Its {a}ed {s} consumes {n} kilowatts at full load.", (
        Question("What is the consumption in kilowatts of {a}ing {s}s when fully loaded?", "as"),
        Question("Which {s}s are consuming {n} kilowatts?", "sn"),
    )),
    Kind("Software version {c} {v} the {a}ed {s} since {y}.", (
        Question("Which versions are {w} {a}ing {s}s?", "asv"),
        Question("What has software version {c} supported since {y}?", "cy"),
    ), ("supports", "does not support"), ("supporting", "not supporting")),
    Kind("Cleaning the {a}ed {s} takes {n} minutes and {v} solvents.", (
        Question("How many minutes does it take until {a}ing {s}s are cleaned?", "as"),
        Question("Which {s}s may be cleaned in {n} minutes {w} a solvent?", "snv"),
    ), ("needs", "needs no"), ("needing", "with no need of")),
)  # fmt: skip

ENGLISH = Language(
    adjectives=words(
        "cool heat seal rent print filter fold test mount press weld lift charg lock pack sort mark coat load paint polish "
        "connect record balanc shield vent drill insulat"
    ),
    nouns=words(
        "pump valve filter generator turbine sensor boiler conveyor compressor cabinet scanner printer server trailer engine "
        "reactor tank panel router heater elevator crane pipeline terminal camera amplifier furnace separator"
    ),
    places=words(
        "Bristol Leeds Dover Oxford Durham Glasgow Cardiff Exeter Norwich Preston Swansea Lincoln"
    ),
    kinds=_KINDS,
    tables=(
        Table("Masses", "Mass, kg", "What masses do {a}ing {s}s have?"),
        Table("Prices", "Price, dollars", "What are the prices of {a}ing {s}s?"),
        Table("Voltage", "Voltage, V", "Which voltages suit {a}ing {s}s?"),
        Table("Stock", "Stock, pieces", "How many pieces of {a}ing {s}s are stocked?"),
        Table("Lifetime", "Lifetime, years", "How long are the lifetimes of {a}ing {s}s?"),
        Table("Length", "Length, mm", "How great are the lengths of {a}ing {s}s?"),
    ),
    row="{a}ed {s}",
    headings=(
        "Care of the {a}ed {s}", "General", "Deliveries and stock", "Safety", "Operation", "Orders of the year {y}", "Notes of the crew",
        "Inspection in {p}", "Costs", "Software and versions", "Permits", "Appendix {c}",
    ),
    subjects=(
        "the {a}ed {s}", "our department", "the commission in {p}", "each {s}", "a contractor", "the crew", "the plant in {p}",
        "an inspector",
        "the chief engineer", "the customer", "the {s} of the second line", "a report of {y}", "the warehouse", "the supplier of the {s}",
        "section {c}", "the software of the {s}", "a new permit", "the warranty card", "the accountant", "order {c}", "an old {s}",
    ),
    predicates=(
        "was inspected before the season began", "did not change the plan", "has been kept in good order", "asked for {n} more copies",
        "stays under the pressure that the maker allows", "was cleaned and put back", "does not depend on the weather", "was moved to {p}",
        "agreed to the new price", "produced a good deal of noise", "was connected to the {s}", "did its work without complaints",
        "needs attention twice a month", "could be replaced at any time", "was described in the last review", "was delivered late",
        "consumes more than was expected", "operates with the {a}ed {s}", "was bought together with the {s}", "requires a second signature",
        "measured the load of the line", "supports the decision of the board", "no longer covers the old line", "took {n} days",
        "was signed by both sides", "failed the first trial but passed the second", "costs as much as the {s}", "held a meeting in {p}",
    ),
    ends=(
        "as was agreed in {y}", "although nobody had asked for it", "which surprised the board", "and the line kept running",
        "while the {s} was being repaired", "so that the next shift could begin", "in spite of the long winter", "within {n} hours",
        "without any further notice", "because the room was closed", "as the protocol shows", "and the record was kept", "",
        "after the customs office had answered", "until the {a}ed {s} arrives", "for the third time since {y}", "", "",
    ),
    thousands=",",
    point=".",
    stop_words=frozenset(words(
        "a an the is are was were be been being it its of in on at to for from by with and or if do does did has have had that "
        "this what which who whose how many much long when where why there than then as about them may can"
    )),
)  # fmt: skip

"""Whether the run measured what it was meant to: the test, the script and the generator (causes C01 to
C18)."""

from sonagi.diagnose.rules.validity import (
    c01_generator,
    c02_ports,
    c03_descriptors,
    c04_reuse,
    c05_omission,
    c06_ceiling,
    c07_truncated,
    c08_few_vus,
    c09_script_error,
    c10_weak_check,
    c11_bad_unit,
    c12_many_names,
    c13_censored,
    c14_survivors,
    c15_few_samples,
    c16_lockstep,
    c17_underload,
    c18_narrow_data,
)

RULES = (
    c01_generator.look,
    c02_ports.look,
    c03_descriptors.look,
    c04_reuse.look,
    c05_omission.look,
    c06_ceiling.look,
    c07_truncated.look,
    c08_few_vus.look,
    c09_script_error.look,
    c10_weak_check.look,
    c11_bad_unit.look,
    c12_many_names.look,
    c13_censored.look,
    c14_survivors.look,
    c15_few_samples.look,
    c16_lockstep.look,
    c17_underload.look,
    c18_narrow_data.look,
)

// The texts, for the assembly files of each system.

DATA hello<>+0(SB)/8, $"Hello wo"
DATA hello<>+8(SB)/5, $"rld!\n"
GLOBL hello<>(SB), RODATA, $13

DATA failed<>+0(SB)/8, $"close(-1"
DATA failed<>+8(SB)/8, $") failed"
DATA failed<>+16(SB)/8, $" with er"
DATA failed<>+24(SB)/8, $"rno 9, a"
DATA failed<>+32(SB)/8, $"s it mus"
DATA failed<>+40(SB)/2, $"t\n"
GLOBL failed<>(SB), RODATA, $42

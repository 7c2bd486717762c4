// SPDX-License-Identifier: GPL-2.0-only
/* insnmark 1|2: tell insncount.c, outside of the machine, to begin or to end */
int main(int argc, char **argv)
{
	if (argc == 2 && argv[1][0] == '1')
		__asm__ volatile(".byte 0x0f, 0x1f, 0x84, 0x00, 0x01, 0x4d, 0x50, 0x58");
	else
		__asm__ volatile(".byte 0x0f, 0x1f, 0x84, 0x00, 0x02, 0x4d, 0x50, 0x58");
	return 0;
}
